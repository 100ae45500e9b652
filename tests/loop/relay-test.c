/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The relay: what it does to what it carries, and that it counts it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "relay.h"

enum { CHUNKS = 2000, GAP_US = 10000, LENGTH = 20, FAR_US = 3600u * 1000000u };

/* What came out of CHUNKS numbered chunks that went in. */
typedef struct {
  unsigned chunks, changed, behind; /* arrived, not as they were sent, behind a later one */
  unsigned seen[CHUNKS];
  uint64_t first_us; /* the first arrived */
} Out;

static unsigned take_all(Relay *relay, Out *out, uint64_t until_us)
{
  unsigned last = 0;
  uint64_t at_us;

  while ((at_us = relay_get_next_us(relay, RELAY_TO_HOST)) <= until_us) {
    uint8_t bytes[LENGTH];
    uint32_t baud;
    size_t length = relay_pop(relay, RELAY_TO_HOST, bytes, sizeof bytes, &baud, at_us);
    unsigned number = bytes[0] | bytes[1] << 8, changed = 0;

    assert_int_equal(length, LENGTH);
    assert_int_equal(baud, 9600);
    for (unsigned i = 2; i < LENGTH; i++)
      changed += bytes[i] != i;
    if (out->chunks++ == 0)
      out->first_us = at_us;
    out->changed += changed > 0;
    if (number >= CHUNKS)
      continue; /* the number itself was hit */
    out->behind += number < last;
    out->seen[number]++;
    last = number;
  }
  return out->chunks;
}

static Relay *carry(const RelayPath *path, Out *out)
{
  Relay *relay = relay_new();
  uint8_t bytes[LENGTH];

  *out = (Out){0};
  relay_set_path(relay, path, 7, 0);
  for (unsigned number = 0; number < CHUNKS; number++) {
    for (unsigned i = 2; i < LENGTH; i++)
      bytes[i] = (uint8_t)i;
    bytes[0] = (uint8_t)number;
    bytes[1] = (uint8_t)(number >> 8);
    relay_push(relay, RELAY_TO_HOST, bytes, LENGTH, 9600, (uint64_t)number * GAP_US);
  }
  take_all(relay, out, FAR_US);
  assert_true(relay_is_empty(relay, RELAY_TO_HOST));
  return relay;
}

static unsigned count(const Relay *relay, RelayImpairment impairment)
{
  return relay->ways[RELAY_TO_HOST].counts[impairment];
}

static void without_faults_all_arrives_in_order_and_so_much_later(void **state)
{
  Out out;
  Relay *relay = carry(&(RelayPath){.latency_ms = 100}, &out);

  (void)state;
  assert_int_equal(out.chunks, CHUNKS);
  assert_int_equal(out.changed + out.behind, 0);
  assert_int_equal(out.first_us, 100000);
  for (RelayImpairment i = RELAY_BIT; i < RELAY_IMPAIRMENTS; i++)
    assert_int_equal(count(relay, i), 0);
  relay_free(relay);
}

static void jitter_changes_no_order(void **state)
{
  Out out;
  Relay *relay = carry(&(RelayPath){.jitter_ms = 300}, &out);

  (void)state;
  assert_int_equal(out.chunks, CHUNKS);
  assert_int_equal(out.behind, 0);
  assert_true(count(relay, RELAY_LATE) > CHUNKS / 2);
  relay_free(relay);
}

static void what_overtakes_is_counted(void **state)
{
  Out out;
  Relay *relay = carry(&(RelayPath){.overtake = 500, .overtake_ms = 100}, &out);

  (void)state;
  assert_int_equal(out.chunks, CHUNKS);
  assert_true(out.behind > 50 && count(relay, RELAY_OVERTOOK) >= out.behind);
  relay_free(relay);
}

static void what_is_lost_or_doubled_is_counted(void **state)
{
  Out out;
  Relay *relay = carry(&(RelayPath){.lose = 500, .twice = 500}, &out);
  unsigned lost = 0;

  (void)state;
  for (unsigned i = 0; i < CHUNKS; i++)
    lost += out.seen[i] == 0;
  assert_true(lost > 50 && lost < 200);
  assert_int_equal(count(relay, RELAY_LOST), lost);
  assert_int_equal(out.chunks, CHUNKS - lost + count(relay, RELAY_DOUBLED));
  relay_free(relay);
}

/* 1e-3: of the 200 bits of a chunk, one in a fifth of the chunks. */
static void bits_turn_as_often_as_is_said(void **state)
{
  Out out;
  Relay *relay = carry(&(RelayPath){.bit_errors = 1e-3}, &out);

  (void)state;
  assert_in_range(count(relay, RELAY_BIT), CHUNKS / 6, CHUNKS / 4);
  assert_in_range(out.changed, CHUNKS / 8, count(relay, RELAY_BIT));
  relay_free(relay);
}

static void a_direction_is_dead_as_long_as_is_said_and_the_other_is_not(void **state)
{
  const RelayPath path = {
      .dies = {[RELAY_TO_HOST] = true}, .dead_ms = 3000, .dies_within_ms = 1000};
  Out out;
  Relay *relay = carry(&path, &out);
  const uint8_t byte = 1;

  (void)state;
  assert_int_equal(count(relay, RELAY_DEAF), 3000 * 1000 / GAP_US);
  assert_int_equal(out.chunks, CHUNKS - count(relay, RELAY_DEAF));
  relay_push(relay, RELAY_TO_DEVICE, &byte, 1, 9600, 1500000);
  assert_int_equal(relay_get_next_us(relay, RELAY_TO_DEVICE), 1500000);
  relay_free(relay);
}

static void what_was_said_comes_again_and_does_not_count_as_under_way(void **state)
{
  Out out;
  Relay *relay = carry(&(RelayPath){.old = 1000, .old_ms = 5000}, &out);

  (void)state;
  assert_true(count(relay, RELAY_OLD) > 100);
  assert_int_equal(out.chunks, CHUNKS + count(relay, RELAY_OLD));
  assert_int_equal(count(relay, RELAY_OVERTOOK), 0);
  relay_free(relay);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_faults_all_arrives_in_order_and_so_much_later),
      cmocka_unit_test(jitter_changes_no_order),
      cmocka_unit_test(what_overtakes_is_counted),
      cmocka_unit_test(what_is_lost_or_doubled_is_counted),
      cmocka_unit_test(bits_turn_as_often_as_is_said),
      cmocka_unit_test(a_direction_is_dead_as_long_as_is_said_and_the_other_is_not),
      cmocka_unit_test(what_was_said_comes_again_and_does_not_count_as_under_way),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
