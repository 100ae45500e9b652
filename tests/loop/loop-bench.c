/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line, the substation and the clock between the two sides. */

#include "loop-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fw-reply.h"

enum {
  BYTE_US = 87, /* 115200 */
  BOOT_US = 25000,
  TICK_US = 20000,
  GAP_US = 20000, /* the substation's, as in its own station.c */
  READING_US = 1000000,
  REST_US = 12 * 1000000, /* longer than the loader's own 10 s */
  TOKEN = 0x4d,
};

/* Whether this byte or frame is hit. */
static bool is_hit(LoopLine *line, unsigned index, uint64_t now_us)
{
  const LoopFault *fault = &line->fault;
  bool hit;

  if (!fault->active || (fault->until_us != 0 && now_us >= fault->until_us))
    return false;
  if (fault->random > 0)
    hit = wire_random_below(&line->random, 10000) < fault->random;
  else
    hit = index == fault->first ||
          (fault->every > 0 && index > fault->first && (index - fault->first) % fault->every == 0);
  line->hits += hit;
  return hit;
}

static LoopChunk *add_chunk(LoopLine *line)
{
  LoopChunk *chunk = &line->chunks[(line->first + line->count) % LOOP_CHUNKS];

  assert_true(line->count < LOOP_CHUNKS);
  line->count++;
  chunk->length = 0;
  return chunk;
}

/* Ends a chunk: it arrives when its last byte does. The line never overtakes itself. */
static void end_chunk(LoopLine *line, LoopChunk *chunk)
{
  line->free_us += chunk->length * BYTE_US;
  chunk->at_us = line->free_us;
  if (chunk->length == 0)
    line->count--;
}

static void send_bytes(LoopLine *line, const uint8_t *bytes, size_t length, uint64_t now_us)
{
  LoopChunk *chunk = add_chunk(line);

  for (size_t i = 0; i < length; i++) {
    bool hit = !line->fault.frames && is_hit(line, line->bytes, now_us);
    LoopFaultKind kind = line->fault.kind;

    line->bytes++;
    if (hit && kind == LOOP_DROP)
      continue;
    if (hit && kind == LOOP_DELAY) {
      end_chunk(line, chunk);
      line->free_us += line->fault.delay_us;
      chunk = add_chunk(line);
    }
    chunk->bytes[chunk->length++] = hit && kind == LOOP_FLIP ? bytes[i] ^ 0x10 : bytes[i];
    if (hit && kind == LOOP_DOUBLE)
      chunk->bytes[chunk->length++] = bytes[i];
  }
  end_chunk(line, chunk);
}

static void send_frame(LoopLine *line, const uint8_t *bytes, size_t length, uint64_t now_us)
{
  unsigned index = line->frames++;
  bool hit = line->fault.frames && is_hit(line, index, now_us);
  uint8_t copy[WIRE_FRAME_MAX];

  if (line->free_us < now_us)
    line->free_us = now_us;
  if (index >= line->silent_from) {
    line->hits++;
    return;
  }
  if (hit && line->fault.kind == LOOP_DROP)
    return;
  if (hit && line->fault.kind == LOOP_DELAY)
    line->free_us += line->fault.delay_us;
  memcpy(copy, bytes, length);
  if (hit && line->fault.kind == LOOP_FLIP)
    copy[wire_random_below(&line->random, (uint32_t)length)] ^= 0x08;
  send_bytes(line, copy, length, now_us);
  if (hit && line->fault.kind == LOOP_DOUBLE)
    send_bytes(line, copy, length, now_us);
}

static LoopChunk *peek_chunk(LoopLine *line, uint64_t now_us)
{
  LoopChunk *chunk = &line->chunks[line->first];

  return line->count > 0 && chunk->at_us <= now_us ? chunk : NULL;
}

static void drop_chunk(LoopLine *line)
{
  line->first = (line->first + 1) % LOOP_CHUNKS;
  line->count--;
}

static void send_from_device(Loop *loop, const uint8_t *frame, size_t length)
{
  if (length > 0)
    send_frame(&loop->to_host, frame, length, loop->flash.now_us);
}

static void announce(Loop *loop)
{
  uint8_t frame[WIRE_FRAME_MAX];
  WireIdentity *identity = loop->mode == LOOP_LOADER ? &loop->install.identity : &loop->identity;
  size_t length;

  identity->uptime_ms = (uint32_t)(loop->now_us / 1000);
  length = wire_identity_write(identity, fw_reply_payload(frame));
  send_from_device(loop, frame, fw_reply_unasked(WIRE_ANNOUNCE, length, frame));
}

static void enter_loader(Loop *loop)
{
  const FwSelf self = {.mode = WIRE_MODE_LOADER, .part_id = 16908050, .boots = loop->boots};

  loop->mode = LOOP_LOADER;
  memset(&loop->install, 0xa5, sizeof loop->install);
  fw_install_init(&loop->install, &loop->flash.flash, &self, (uint32_t)(loop->flash.now_us / 1000));
}

/* The jump program, and then the one it chooses. */
static void boot(Loop *loop)
{
  const FwSelf self = {.mode = WIRE_MODE_PROGRAM, .part_id = 16908050, .boots = ++loop->boots};

  bench_flash_power_on(&loop->flash);
  wire_decoder_init(&loop->decoder);
  loop->running = fw_boot_choose(loop->flash.memory);
  if (loop->running == WIRE_BANK_NONE) {
    enter_loader(loop);
    return;
  }
  loop->mode = LOOP_PROGRAM;
  fw_identity_fill(&loop->identity, &self, loop->flash.memory, loop->running);
}

/* Whoever was chosen is there after a while, and says so; what comes before is lost. */
static void start_later(Loop *loop, uint64_t off_us)
{
  loop->alive_us = off_us == UINT64_MAX ? UINT64_MAX : loop->flash.now_us + off_us + BOOT_US;
  loop->reading_us = loop->alive_us;
}

static void cut_power(Loop *loop)
{
  loop->cuts++;
  loop->mode = LOOP_OFF;
  loop->flash.dead = false;
  start_later(loop, loop->power_off_us);
}

static size_t nak(const WireFrame *request, WireCause cause, uint8_t *reply)
{
  return fw_reply_nak(request, cause, request->type, reply);
}

/* The program's part, as firmware/program has it. */
static size_t handle_in_program(Loop *loop, const WireFrame *request, uint8_t *reply)
{
  WireEnter enter;

  if (request->type & WIRE_REPLY)
    return 0;
  switch (request->type) {
  case WIRE_IDENTIFY:
    return fw_reply_finish(request, wire_identity_write(&loop->identity, fw_reply_payload(reply)),
                           reply);
  case WIRE_ENTER_LOADER:
    if (!wire_enter_read(request, &enter))
      return nak(request, WIRE_CAUSE_BAD_LENGTH, reply);
    if (enter.product != loop->identity.product)
      return nak(request, WIRE_CAUSE_WRONG_PRODUCT, reply);
    enter_loader(loop);
    start_later(loop, 0);
    return fw_reply_finish(request, 0, reply);
  case WIRE_BEGIN:
  case WIRE_DATA:
  case WIRE_COMMIT:
  case WIRE_RUN:
  case WIRE_ABORT:
    return nak(request, WIRE_CAUSE_NOT_NOW, reply);
  default:
    return nak(request, WIRE_CAUSE_UNKNOWN_TYPE, reply);
  }
}

static bool is_to_lie(Loop *loop, const WireFrame *request)
{
  if (!loop->lie || request->type != loop->lie_type || loop->lie_times == 0)
    return false;
  if (loop->lie_after > 0) {
    loop->lie_after--;
    return false;
  }
  loop->lie_times--;
  loop->lies++;
  return true;
}

static size_t tell_lie(Loop *loop, const WireFrame *request, uint8_t *reply)
{
  uint8_t *payload = fw_reply_payload(reply);
  WireFrame answer = {request->type | WIRE_REPLY, request->token, request->seq, 0, payload};

  answer.length = (uint16_t)(payload[-4] | payload[-3] << 8); /* of the true answer */
  loop->lie(loop, &answer, payload);
  return wire_frame_write(&answer, reply);
}

static void handle_request(Loop *loop, const WireFrame *request)
{
  uint8_t reply[WIRE_FRAME_MAX] = {0};
  unsigned index = loop->handled++;
  bool lying = is_to_lie(loop, request);
  size_t length = 0;

  if (index == loop->power_cut_before) {
    cut_power(loop);
    return;
  }
  if (lying && loop->lie_instead)
    length = 0;
  else if (loop->mode == LOOP_PROGRAM)
    length = handle_in_program(loop, request, reply);
  else
    length =
        fw_install_handle(&loop->install, request, (uint32_t)(loop->flash.now_us / 1000), reply);
  if (index == loop->power_cut_after || loop->flash.dead) {
    cut_power(loop);
    return;
  }
  if (lying)
    length = tell_lie(loop, request, reply);
  send_from_device(loop, reply, length);
}

static void leave_loader(Loop *loop)
{
  WireLeavingCause cause =
      fw_install_get_leaving(&loop->install, (uint32_t)(loop->flash.now_us / 1000));
  WireLeaving leaving = {.cause = (uint8_t)cause};
  uint8_t frame[WIRE_FRAME_MAX];

  if (cause == 0)
    return;
  leaving.bank = (uint8_t)fw_install_get_running(&loop->install);
  send_from_device(
      loop, frame,
      fw_reply_unasked(WIRE_LEAVING, wire_leaving_write(&leaving, fw_reply_payload(frame)), frame));
  boot(loop);
  start_later(loop, 0);
}

static void send_reading(Loop *loop)
{
  WireReading reading = {.uptime_ms = (uint32_t)(loop->now_us / 1000)};
  uint8_t frame[WIRE_FRAME_MAX];

  loop->reading_us = loop->now_us + READING_US;
  send_from_device(
      loop, frame,
      fw_reply_unasked(WIRE_READING, wire_reading_write(&reading, fw_reply_payload(frame)), frame));
}

static bool is_alive(const Loop *loop)
{
  return loop->now_us >= loop->alive_us;
}

/* Takes what has arrived; a substation that is off or starting hears nothing. */
static void receive(Loop *loop)
{
  LoopChunk *chunk;
  WireFrame request;

  while ((chunk = peek_chunk(&loop->to_device, loop->now_us)) != NULL) {
    for (size_t at = 0; at < chunk->length && is_alive(loop) && loop->mode != LOOP_OFF;) {
      at += wire_decoder_push(&loop->decoder, chunk->bytes + at, chunk->length - at);
      loop->heard_us = loop->now_us;
      while (is_alive(loop) && wire_decoder_next(&loop->decoder, &request))
        handle_request(loop, &request);
    }
    drop_chunk(&loop->to_device);
    if (loop->flash.now_us > loop->now_us)
      return; /* flash has taken its time: the rest waits in the line's buffer */
  }
}

static void run_device(Loop *loop)
{
  WireFrame request;

  if (loop->now_us < loop->flash.now_us)
    return; /* busy */
  loop->flash.now_us = loop->now_us;
  if (is_alive(loop) && loop->alive_us != 0) {
    loop->alive_us = 0;
    wire_decoder_init(&loop->decoder);
    if (loop->mode == LOOP_OFF)
      boot(loop);
    if (!loop->mute_announce)
      announce(loop);
  }
  receive(loop);
  if (!is_alive(loop) || loop->flash.now_us > loop->now_us)
    return;
  if (wire_decoder_is_inside(&loop->decoder) && loop->now_us - loop->heard_us >= GAP_US) {
    wire_decoder_gap(&loop->decoder);
    while (is_alive(loop) && wire_decoder_next(&loop->decoder, &request))
      handle_request(loop, &request);
  }
  if (!is_alive(loop))
    return;
  if (loop->chatter && loop->now_us >= loop->chatter_us) {
    loop->chatter_us = loop->now_us + TICK_US;
    announce(loop);
  }
  if (loop->mode == LOOP_LOADER)
    leave_loader(loop);
  else if (loop->now_us >= loop->reading_us)
    send_reading(loop);
}

static void drain_events(Loop *loop)
{
  SyEvent event;

  while (sy_session_next_event(&loop->session, &event)) {
    assert_true(loop->session.progress.fraction >= loop->fraction);
    assert_true(loop->session.progress.fraction <= 1);
    loop->fraction = loop->session.progress.fraction;
  }
}

static void run_host(Loop *loop)
{
  SySession *session = &loop->session;
  LoopChunk *chunk;
  size_t length;
  const uint8_t *bytes;

  while ((chunk = peek_chunk(&loop->to_host, loop->now_us)) != NULL) {
    for (size_t at = 0; at < chunk->length; drain_events(loop))
      at += sy_session_feed(session, chunk->bytes + at, chunk->length - at, loop->now_us);
    drop_chunk(&loop->to_host);
  }
  sy_session_tick(session, loop->now_us);
  if (loop->now_us >= loop->act_us) {
    loop->act_us = UINT64_MAX;
    if (loop->lose_at != UINT_MAX)
      sy_session_lose_link(session, loop->now_us);
    else
      sy_session_cancel(session, loop->now_us);
  }
  drain_events(loop);
  bytes = sy_session_peek_output(session, &length);
  if (length == 0)
    return;
  if (loop->to_device.frames == loop->cancel_at || loop->to_device.frames == loop->lose_at)
    loop->act_us = loop->now_us + loop->act_delay_us;
  send_frame(&loop->to_device, bytes, length, loop->now_us);
  sy_session_sent(session, length);
}

/* When the line's next bytes can be taken; a receiver that is busy takes them later. */
static void look_at_line(const LoopLine *line, uint64_t busy_us, uint64_t *next_us)
{
  uint64_t at_us = line->chunks[line->first].at_us;

  if (at_us < busy_us)
    at_us = busy_us;
  if (line->count > 0 && at_us < *next_us)
    *next_us = at_us;
}

static void step(Loop *loop)
{
  uint64_t next_us = loop->tick_us + TICK_US;

  look_at_line(&loop->to_device, loop->flash.now_us, &next_us);
  look_at_line(&loop->to_host, 0, &next_us);
  if (sy_session_get_deadline(&loop->session) < next_us)
    next_us = sy_session_get_deadline(&loop->session);
  if (loop->act_us < next_us)
    next_us = loop->act_us;
  if (next_us > loop->now_us)
    loop->now_us = next_us;
  if (loop->now_us >= loop->tick_us + TICK_US)
    loop->tick_us = loop->now_us;
  run_device(loop);
  run_host(loop);
}

void loop_reset(Loop *loop, WireBank running)
{
  memset(loop, 0, sizeof *loop);
  bench_flash_init(&loop->flash);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    BenchImage *image = &loop->images[bank - WIRE_BANK_LOW];

    bench_image_make(image, bank, LOOP_NEW, LOOP_LENGTH);
    loop->halves[bank - WIRE_BANK_LOW] =
        (SyUpload){image->header.product, LOOP_NEW, LOOP_LENGTH, image->header.crc, image->bytes};
  }
  if (running != WIRE_BANK_NONE) {
    bench_image_make(&loop->old, running, LOOP_OLD, 0x310);
    bench_flash_put(&loop->flash, &loop->old);
    bench_flash_put_record(&loop->flash, 0, running, 1);
  }
  loop->to_device.silent_from = loop->to_host.silent_from = UINT_MAX;
  loop->to_device.random = wire_random(1);
  loop->to_host.random = wire_random(2);
  loop->power_cut_before = loop->power_cut_after = UINT_MAX;
  loop->power_off_us = 300 * 1000;
  loop->cancel_at = loop->lose_at = UINT_MAX;
  loop->act_us = UINT64_MAX;
  loop->now_us = loop->flash.now_us = loop->tick_us = 1000000;
  boot(loop);
  loop->reading_us = loop->now_us + READING_US / 2;
  sy_session_init(&loop->session, TOKEN);
}

Loop *loop_new(WireBank running)
{
  Loop *loop = malloc(sizeof *loop);

  assert_non_null(loop);
  loop_reset(loop, running);
  return loop;
}

const BenchImage *loop_get_new(const Loop *loop)
{
  WireBank bank = loop->session.progress.bank;

  return &loop->images[bank == WIRE_BANK_HIGH];
}

bool loop_is_erased(const Loop *loop)
{
  return loop->flash.count > 0;
}

/* As the session ends: what it says is so. */
static void check_claim(const Loop *loop)
{
  const SyResult *result = &loop->session.result;
  const BenchImage *new = loop_get_new(loop);

  switch (result->outcome) {
  case SY_OUTCOME_DONE:
    assert_int_equal(result->phase, SY_PHASE_FINISHED);
    assert_true(bench_flash_holds(&loop->flash, new));
    assert_int_equal(fw_boot_choose(loop->flash.memory), new->bank);
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(loop->running, new->bank);
    break;
  case SY_OUTCOME_REFUSED:
  case SY_OUTCOME_LINK:
    assert_int_not_equal(result->reason, SY_REASON_NONE);
    assert_false(loop_is_erased(loop));
    break;
  case SY_OUTCOME_OLD_RUNS:
    assert_true(result->erased);
    assert_true(bench_flash_holds(&loop->flash, &loop->old));
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(loop->running, loop->old.bank);
    break;
  case SY_OUTCOME_UNKNOWN:
    assert_true(result->erased);
    break;
  }
}

/* Whatever was said: a whole program starts, if there was one, and only old or new. */
static void check_rest(Loop *loop)
{
  WireBank bank;
  uint64_t end_us = loop->now_us + REST_US;

  loop->chatter = false;
  while (loop->now_us < end_us)
    step(loop);
  bank = fw_boot_choose(loop->flash.memory);
  if (bank == WIRE_BANK_NONE)
    assert_int_equal(loop->old.length, 0);
  else if (bank == loop->old.bank && loop->old.length > 0)
    assert_true(bench_flash_holds(&loop->flash, &loop->old));
  else
    assert_true(bench_flash_holds(&loop->flash, &loop->images[bank - WIRE_BANK_LOW]));
  if (loop->mode != LOOP_OFF)
    assert_int_equal(loop->mode, bank == WIRE_BANK_NONE ? LOOP_LOADER : LOOP_PROGRAM);
}

static void note_end(LoopLine *line)
{
  line->job_frames = line->frames;
  line->job_bytes = line->bytes;
}

SyOutcome loop_run(Loop *loop)
{
  uint64_t start_us = loop->now_us;

  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  run_host(loop);
  while (!sy_session_is_finished(&loop->session)) {
    step(loop);
    if (loop->now_us - start_us > LOOP_BOUND_US)
      fail_msg("not finished after a minute: step %d", loop->session.step);
  }
  assert_int_equal(loop->session.result.duration_us, loop->now_us - start_us);
  note_end(&loop->to_device);
  note_end(&loop->to_host);
  check_claim(loop);
  check_rest(loop);
  return loop->session.result.outcome;
}
