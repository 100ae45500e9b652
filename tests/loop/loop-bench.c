/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The clock between the two sides, the workstation's part, and the truth about what it says. */

#include "loop-bench.h"

#include "sy-packer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { TICK_US = 20000, TOKEN = 0x4d };

static void take_event(Loop *loop, const SyEvent *event)
{
  assert_true(loop->session.progress.fraction >= loop->fraction);
  assert_true(loop->session.progress.fraction <= 1);
  loop->fraction = loop->session.progress.fraction;
  /* The last, but for damage that the same bytes or later ones show. */
  assert_true(loop->events[SY_EVENT_FINISHED] == 0 || event->kind == SY_EVENT_BAD_FRAMES);
  loop->events[event->kind]++;
  if (event->kind == SY_EVENT_PHASE) {
    assert_int_not_equal(event->phase, loop->phase); /* that between was lost */
    loop->phase = event->phase;
    loop->commits += event->phase == SY_PHASE_COMMIT;
  }
}

/* With one place left none can have been lost. */
static void check_event_room(const Loop *loop)
{
  assert_true(loop->session.events_count < SY_SESSION_EVENTS);
}

static void drain_events(Loop *loop)
{
  SyEvent event;

  check_event_room(loop);
  while (sy_session_next_event(&loop->session, &event)) {
    take_event(loop, &event);
    if (loop->lazy)
      break;
  }
}

static void feed_host(Loop *loop)
{
  LoopChunk *chunk;

  while ((chunk = loop_line_peek(&loop->to_host, loop->host_baud, loop->now_us)) != NULL) {
    size_t taken = sy_session_feed(&loop->session, chunk->bytes, chunk->length, loop->now_us);

    drain_events(loop);
    memmove(chunk->bytes, chunk->bytes + taken, chunk->length - taken);
    chunk->length -= taken;
    if (chunk->length > 0)
      return; /* an owner who is slow with events: the rest waits */
    loop_line_drop(&loop->to_host);
  }
}

/* As sy_transfer_run does, when what was sent is out. False: it is not. */
static bool follow_rate(Loop *loop)
{
  uint32_t wanted = sy_session_get_rate(&loop->session), says = wanted;

  if (wanted == loop->host_wanted)
    return true;
  if (loop->to_device.free_us > loop->now_us)
    return false;
  if (loop->host_set_us == 0)
    loop->host_set_us = loop->now_us + loop->host_takes_us;
  if (loop->now_us < loop->host_set_us)
    return false;
  loop->host_set_us = 0;
  loop->host_wanted = wanted;
  if (loop->host_makes != 0 && wanted > loop->host_makes)
    says = loop->host_says;
  if (says != 0)
    loop->host_baud = says;
  sy_session_rate_set(&loop->session, says, loop->now_us);
  return true;
}

/* DATA that is not answered yet; the frame that goes out now is one of them. */
static void note_under_way(Loop *loop, uint8_t type)
{
  const SyStream *stream = &loop->session.stream;

  if (stream->count > loop->under_way_most)
    loop->under_way_most = stream->count;
  if (stream->bytes > loop->under_way_bytes_most)
    loop->under_way_bytes_most = stream->bytes;
  if (type == WIRE_COMMIT && stream->count > loop->under_way_at_commit)
    loop->under_way_at_commit = stream->count;
}

static void send_from_host(Loop *loop)
{
  SySession *session = &loop->session;
  size_t length;
  const uint8_t *bytes;

  while (follow_rate(loop) && (bytes = sy_session_peek_output(session, &length), length > 0)) {
    if (loop->to_device.frames == loop->cancel_at || loop->to_device.frames == loop->lose_at)
      loop->act_us = loop->now_us + loop->act_delay_us;
    note_under_way(loop, bytes[WIRE_FRAME_TYPE_OFFSET]);
    if (bytes[WIRE_FRAME_TYPE_OFFSET] == WIRE_DATA)
      loop->now_us += loop->hold_us;
    loop_line_send(&loop->to_device, bytes, length, loop->host_baud, loop->now_us);
    sy_session_sent(session, length, loop->now_us);
    if (loop->act_us <= loop->now_us)
      return;
  }
}

static void run_host(Loop *loop)
{
  SySession *session = &loop->session;

  feed_host(loop);
  sy_session_tick(session, loop->now_us);
  check_event_room(loop);
  if (loop->now_us >= loop->act_us) {
    loop->act_us = UINT64_MAX;
    if (loop->lose_at != UINT_MAX)
      sy_session_lose_link(session, loop->now_us);
    else
      sy_session_cancel(session, loop->now_us);
  }
  drain_events(loop);
  send_from_host(loop);
}

/* When the line's next bytes can be taken; a receiver that is busy takes them later. */
static void look_at_line(const LoopLine *line, uint64_t busy_us, uint64_t *next_us)
{
  uint64_t at_us = loop_line_get_next_us(line);

  if (at_us < busy_us)
    at_us = busy_us;
  if (at_us < *next_us)
    *next_us = at_us;
}

void loop_step(Loop *loop)
{
  uint64_t next_us = loop->tick_us + TICK_US;

  look_at_line(&loop->to_device, loop->flash.now_us, &next_us);
  look_at_line(&loop->to_host, 0, &next_us);
  if (sy_session_get_deadline(&loop->session) < next_us)
    next_us = sy_session_get_deadline(&loop->session);
  if (loop->act_us < next_us)
    next_us = loop->act_us;
  if (sy_session_get_rate(&loop->session) != loop->host_wanted && loop->to_device.free_us < next_us)
    next_us = loop->host_set_us != 0 ? loop->host_set_us : loop->to_device.free_us;
  if (next_us > loop->now_us)
    loop->now_us = next_us;
  if (loop->now_us >= loop->tick_us + TICK_US)
    loop->tick_us = loop->now_us;
  loop_station_run(loop);
  run_host(loop);
}

static LoopStyle style;
static uint32_t image_length = LOOP_LENGTH;

void loop_set_style(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "fast") == 0)
    style = LOOP_FAST;
  else if (argc > 1 && strcmp(argv[1], "one-by-one") == 0)
    style = LOOP_ONE_BY_ONE;
}

LoopStyle loop_get_style(void)
{
  return style;
}

void loop_set_length(uint32_t length)
{
  image_length = length;
}

static void make_images(Loop *loop)
{
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    LoopImage *image = &loop->images[bank - WIRE_BANK_LOW];

    loop_image_make(image, bank, LOOP_NEW, image_length);
    loop->halves[bank - WIRE_BANK_LOW] =
        (SyUpload){image->header.product, LOOP_NEW, image_length, image->header.crc, image->bytes};
  }
}

static void clear(Loop *loop)
{
  memset(loop, 0, offsetof(Loop, to_device));
  loop_line_init(&loop->to_device, 1);
  loop_line_init(&loop->to_host, 2);
  bench_flash_init(&loop->flash);
  make_images(loop);
  loop->style = style;
  loop->power_cut_before = loop->power_cut_after = UINT_MAX;
  loop->power_cut_before_send = loop->power_cut_after_send = UINT_MAX;
  loop->power_cut_at_us = UINT64_MAX;
  loop->power_off_us = 300 * 1000;
  loop->cancel_at = loop->lose_at = UINT_MAX;
  loop->act_us = UINT64_MAX;
  loop->self_test_us = 1000 * 1000;
  loop->now_us = loop->flash.now_us = loop->tick_us = 1000000;
  loop->host_baud = loop->host_wanted = loop->station_baud = WIRE_RATE_DEFAULT;
  loop->station_makes = 691200;
  loop->rate_max = style == LOOP_FAST ? 691200 : 0;
  loop->packs = style == LOOP_FAST;
  loop->sessions = 1;
  sy_session_init(&loop->session, TOKEN);
}

static void put(Loop *loop, LoopImage *image, WireBank bank, uint32_t version)
{
  loop_image_make(image, bank, version, 0x310);
  loop_image_put(image, &loop->flash);
}

void loop_reset(Loop *loop, WireBank running)
{
  clear(loop);
  if (running != WIRE_BANK_NONE) {
    put(loop, &loop->old, running, LOOP_OLD);
    bench_flash_put_record(&loop->flash, 0, running, 1);
  }
  loop_station_boot(loop);
  loop_station_settle(loop);
}

void loop_reset_both(Loop *loop, WireBank running, bool settled)
{
  clear(loop);
  put(loop, &loop->old, running, LOOP_OLD);
  put(loop, &loop->other, wire_bank_other(running), LOOP_OTHER);
  if (settled) {
    bench_flash_put_record(&loop->flash, 0, running, 1);
  } else {
    bench_flash_put_record(&loop->flash, 0, loop->other.bank, 1);
    bench_flash_put_trial(&loop->flash, 1, running, 2, 0);
    loop->old_on_trial = true;
  }
  loop_station_boot(loop);
  loop_station_settle(loop);
  loop->flash.count = 0;
  assert_int_equal(loop->running, running);
}

void loop_reset_job(Loop *loop, LoopJob job)
{
  if (job == LOOP_UPGRADE)
    loop_reset(loop, WIRE_BANK_LOW);
  else
    loop_reset_both(loop, WIRE_BANK_HIGH, job == LOOP_BACK);
}

Loop *loop_new(WireBank running)
{
  Loop *loop = malloc(sizeof *loop);

  assert_non_null(loop);
  loop_set_length(LOOP_LENGTH);
  loop_reset(loop, running);
  return loop;
}

const LoopImage *loop_get_new(const Loop *loop)
{
  WireBank bank = loop->session.progress.bank;

  if (loop->session.job == SY_JOB_GO_BACK)
    return &loop->other;
  if (loop->session.job == SY_JOB_CONFIRM || loop->session.job == SY_JOB_READ)
    return &loop->old;
  return &loop->images[bank == WIRE_BANK_HIGH];
}

bool loop_holds(const Loop *loop, const LoopImage *image)
{
  return loop_image_is_held(image, &loop->flash);
}

unsigned loop_find_frame(const Loop *loop, uint8_t type)
{
  return loop->to_device.type_firsts[type];
}

unsigned loop_count_frames(const Loop *loop, uint8_t type)
{
  return loop->to_device.type_counts[type];
}

bool loop_is_erased(const Loop *loop)
{
  for (unsigned i = 0; i < loop->flash.count; i++)
    if (loop->flash.operations[i].erase)
      return true;
  return false;
}

void loop_start_anew(Loop *loop)
{
  uint8_t token = (uint8_t)(loop->session.token + 1);
  WireBank runner = loop_truth_get_runner(loop);

  if (runner != WIRE_BANK_NONE && runner != loop->old.bank &&
      loop_holds(loop, &loop->images[runner - WIRE_BANK_LOW]))
    loop->old = loop->images[runner - WIRE_BANK_LOW];
  sy_session_init(&loop->session, token);
  loop->sessions++;
  memset(loop->events, 0, sizeof loop->events);
  loop->fraction = 0;
  loop->phase = SY_PHASE_IDLE;
  loop->commits = 0;
  loop->under_way_most = loop->under_way_bytes_most = loop->under_way_at_commit = 0;
  loop_line_forget_types(&loop->to_device);
  loop_line_forget_types(&loop->to_host);
  loop->flash.count = 0;
  loop->cancel_at = loop->lose_at = UINT_MAX;
  loop->act_us = UINT64_MAX;
}

void loop_rest(Loop *loop, uint64_t for_us)
{
  uint64_t end_us = loop->now_us + for_us;

  while (loop->now_us < end_us)
    loop_step(loop);
}

static void note_end(LoopLine *line)
{
  line->job_frames = line->frames;
  line->job_bytes = line->bytes;
}

static void run_to_end(Loop *loop)
{
  SySession *session = &loop->session;
  unsigned frames = loop->to_device.frames;

  run_host(loop);
  while (!sy_session_is_finished(session)) {
    loop_step(loop);
    if (loop->now_us - loop->start_us > loop_truth_get_bound_us(loop))
      fail_msg("not finished in %u s: step %d", (unsigned)(loop_truth_get_bound_us(loop) / 1000000),
               session->step);
  }
  loop->lazy = false;
  loop_truth_check_times(loop);
  drain_events(loop);
  assert_int_equal(loop->events[SY_EVENT_FINISHED], 1);
  assert_int_equal(loop->phase, SY_PHASE_FINISHED);
  assert_true(loop->to_device.frames - frames <= loop_truth_get_bound_frames(loop));
  note_end(&loop->to_device);
  note_end(&loop->to_host);
  loop_truth_look_who_was_found(loop);
  loop_truth_check_claim(loop);
}

/* A packer as sy-dictionary.c has it, which knows the old program when it runs. One for all of
 * them. */
static SyPacker *packer;

static void open_packing(void *context, const SyUpload *upload, WireBank bank,
                         const WireIdentity *identity)
{
  const LoopImage *old = &((Loop *)context)->old;
  bool knows = old->length > 0 && identity->running_bank == old->bank && old->bank != bank &&
               identity->banks[old->bank - WIRE_BANK_LOW].crc == old->header.crc;

  g_clear_pointer(&packer, sy_packer_free);
  packer = sy_packer_new(wire_bank_get_addr(bank), upload->bytes, upload->length,
                         wire_bank_get_addr(wire_bank_other(bank)), knows ? old->bytes : NULL,
                         knows ? old->length : 0);
}

static size_t pack(void *context, unsigned block, unsigned count, const uint8_t *readable,
                   uint8_t *to, size_t room)
{
  (void)context;
  return sy_packer_pack(packer, block, count, readable, to, room);
}

void loop_allow(Loop *loop)
{
  loop->packing = (SyPacking){loop, open_packing, pack};
  sy_session_allow_rates(&loop->session, loop->rate_max);
  if (loop->packs)
    sy_session_allow_packing(&loop->session, &loop->packing);
}

SyOutcome loop_run_to_end(Loop *loop)
{
  loop->start_us = loop->now_us;
  loop_allow(loop);
  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  run_to_end(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run(Loop *loop)
{
  loop_run_to_end(loop);
  loop_truth_check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_back(Loop *loop)
{
  loop->start_us = loop->now_us;
  sy_session_start_go_back(&loop->session, loop->now_us);
  run_to_end(loop);
  loop_truth_check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_confirm(Loop *loop)
{
  loop->start_us = loop->now_us;
  sy_session_start_confirm(&loop->session, loop->now_us);
  run_to_end(loop);
  loop_truth_check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_read(Loop *loop)
{
  loop->start_us = loop->now_us;
  loop_allow(loop);
  memset(loop->read, LOOP_UNREAD, sizeof loop->read);
  sy_session_start_read(&loop->session, loop->wanted, loop->read, loop->now_us);
  run_to_end(loop);
  loop_truth_check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_job(Loop *loop, LoopJob job)
{
  if (job == LOOP_CONFIRM)
    return loop_run_confirm(loop);
  return job <= LOOP_UPGRADE_ON_TRIAL ? loop_run(loop) : loop_run_back(loop);
}

void loop_run_clean(Loop *loop, LoopJob job)
{
  loop_reset_job(loop, job);
  assert_int_equal(loop_run_job(loop, job), SY_OUTCOME_DONE);
}
