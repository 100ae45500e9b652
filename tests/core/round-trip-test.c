/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The round trip, by numbers. */

#include "sy-round-trip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MS = 1000 };

static void take(SyRoundTrip *trip, uint64_t us, unsigned times)
{
  for (unsigned i = 0; i < times; i++)
    sy_round_trip_take(trip, us, us);
}

static void nothing_measured_asks_for_no_patience(void **state)
{
  SyRoundTrip trip = {0};

  (void)state;
  assert_int_equal(sy_round_trip_get_patience_us(&trip), 0);
  assert_false(sy_round_trip_is_far(&trip));
}

/* As RFC 6298 has it: half of it may be variation, and four times that is waited for. */
static void the_first_sample_is_taken_with_half_of_it_as_variation(void **state)
{
  SyRoundTrip trip = {0};

  (void)state;
  take(&trip, 100 * MS, 1);
  assert_int_equal(trip.smoothed_us, 100 * MS);
  assert_int_equal(trip.varies_us, 50 * MS);
  assert_int_equal(sy_round_trip_get_patience_us(&trip), (100 + 4 * 50 - 20) * MS);
}

static void what_comes_next_counts_for_an_eighth_and_a_quarter(void **state)
{
  SyRoundTrip trip = {0};

  (void)state;
  take(&trip, 100 * MS, 1);
  take(&trip, 180 * MS, 1);
  assert_int_equal(trip.smoothed_us, 110 * MS);
  assert_int_equal(trip.varies_us, (50 * 3 + 80) * MS / 4);
}

static void a_steady_path_is_waited_for_hardly_longer_than_it_takes(void **state)
{
  SyRoundTrip trip = {0};

  (void)state;
  take(&trip, 300 * MS, 30);
  assert_int_equal(trip.smoothed_us, 300 * MS);
  assert_in_range(sy_round_trip_get_patience_us(&trip), 280 * MS, 285 * MS);
}

/* A USB adapter's 16 ms included. */
static void a_local_port_asks_for_no_patience_from_the_first_sample_on(void **state)
{
  (void)state;
  for (unsigned us = 0; us <= 6 * MS; us += 500) {
    SyRoundTrip trip = {0};

    for (unsigned i = 0; i < 20; i++) {
      take(&trip, us, 1);
      assert_int_equal(sy_round_trip_get_patience_us(&trip), 0);
    }
  }
}

/* Answers in a queue: what is known stays while it lies between what they tell. */
static void answers_that_queue_change_only_what_they_disprove(void **state)
{
  SyRoundTrip trip = {0};

  (void)state;
  take(&trip, 100 * MS, 1);
  sy_round_trip_take(&trip, 0, 900 * MS);
  assert_int_equal(trip.smoothed_us, 100 * MS);
  assert_int_equal(trip.varies_us, 50 * MS * 15 / 16); /* many of them come in each round trip */
  sy_round_trip_take(&trip, 180 * MS, 900 * MS);
  assert_int_equal(trip.smoothed_us, 110 * MS);
  sy_round_trip_take(&trip, 0, 30 * MS);
  assert_int_equal(trip.smoothed_us, 100 * MS);
}

/* One stop is waited for the next time, and forgotten in the end. */
static void a_stop_is_remembered_for_a_while(void **state)
{
  SyRoundTrip trip = {0};
  uint64_t patience_us;

  (void)state;
  take(&trip, 30 * MS, 30);
  take(&trip, 1000 * MS, 1);
  patience_us = sy_round_trip_get_patience_us(&trip);
  assert_in_range(patience_us, 900 * MS, 1300 * MS);
  take(&trip, 30 * MS, 40);
  assert_in_range(sy_round_trip_get_patience_us(&trip), 0, 20 * MS);
}

static void patience_has_an_end(void **state)
{
  SyRoundTrip trip = {0};

  (void)state;
  take(&trip, 60 * 1000 * MS, 3);
  assert_in_range(sy_round_trip_get_patience_us(&trip), 2500 * MS, 3000 * MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_measured_asks_for_no_patience),
      cmocka_unit_test(the_first_sample_is_taken_with_half_of_it_as_variation),
      cmocka_unit_test(what_comes_next_counts_for_an_eighth_and_a_quarter),
      cmocka_unit_test(a_steady_path_is_waited_for_hardly_longer_than_it_takes),
      cmocka_unit_test(a_local_port_asks_for_no_patience_from_the_first_sample_on),
      cmocka_unit_test(answers_that_queue_change_only_what_they_disprove),
      cmocka_unit_test(a_stop_is_remembered_for_a_while),
      cmocka_unit_test(patience_has_an_end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
