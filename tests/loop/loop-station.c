/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The substation: jump program, loader and program put together as firmware/jump, firmware/loader
 * and firmware/program do it, around the real logic. */

#include "loop-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "fw-errand.h"
#include "fw-reply.h"

enum {
  BOOT_US = 25000,
  TICK_US = 20000,
  GAP_US = 20000, /* as in firmware/lpc2114/station.c */
  READING_US = 1000000,
  WATCHDOG_US = 2000000,
  CRASH_US = 500000,
  PART_ID = 16908050,
};

static uint32_t get_ms(const Loop *loop)
{
  return (uint32_t)(loop->flash.now_us / 1000);
}

/* Whoever was chosen is there after a while, and says so; what comes before is lost. */
static void start_later(Loop *loop, uint64_t off_us)
{
  loop->starting = true;
  loop->alive_us = off_us == UINT64_MAX ? UINT64_MAX : loop->flash.now_us + off_us + BOOT_US;
}

static void enter_program(Loop *loop, WireBank bank)
{
  assert_non_null(wire_bank_map(bank));
  loop->mode = LOOP_PROGRAM;
  loop->running = bank;
  start_later(loop, 0);
}

static void enter_loader(Loop *loop, WireBank came_from)
{
  loop->mode = LOOP_LOADER;
  loop->running = came_from;
  start_later(loop, 0);
}

void loop_station_cut_power(Loop *loop)
{
  loop->cuts++;
  loop->mode = LOOP_OFF;
  loop->flash.dead = false;
  loop->evidence = WIRE_TRIAL_CAUSE_NONE;
  loop->watchdog = false;
  loop->boots = 0;
  start_later(loop, loop->power_off_us);
  loop->power_cut_at_us = UINT64_MAX;
  if (loop->power_cut_times > 1 && loop->alive_us != UINT64_MAX) {
    loop->power_cut_times--;
    loop->power_cut_at_us = loop->alive_us + loop->power_cut_again_us;
  }
}

void loop_station_switch_on(Loop *loop)
{
  start_later(loop, 0);
}

/* As the loader's run_errand. */
static void run_errand(Loop *loop, const FwEntry *entry)
{
  WireTrialCause evidence = loop->evidence;
  WireBank bank;

  loop->evidence = WIRE_TRIAL_CAUSE_NONE;
  loop->watchdog = true;
  bank = fw_errand_run(&loop->flash.flash, entry, evidence, loop->install.scratch);
  if (loop->flash.dead)
    loop_station_cut_power(loop);
  else
    enter_program(loop, bank);
}

static void enter(Loop *loop, uint32_t word)
{
  FwEntry entry = fw_entry_read(word);

  assert_true(entry.is_wanted);
  if (entry.kind == FW_ENTRY_PROGRAM)
    enter_program(loop, (WireBank)entry.bank);
  else if (entry.kind == FW_ENTRY_NO_PROGRAM || entry.kind == FW_ENTRY_LISTEN)
    enter_loader(loop, WIRE_BANK_NONE);
  else if (entry.kind == FW_ENTRY_UPGRADE)
    enter_loader(loop, (WireBank)entry.bank);
  else
    run_errand(loop, &entry);
}

/* The jump program. */
void loop_station_boot(Loop *loop)
{
  loop->boots++;
  bench_flash_power_on(&loop->flash);
  enter(loop, fw_boot_choose(loop->flash.memory));
}

/* The watchdog's reset, also the one that a crash asks for. */
static void restart(Loop *loop, WireTrialCause evidence)
{
  loop->evidence = evidence;
  loop->watchdog = false;
  loop_station_boot(loop);
}

static void send_from_device(Loop *loop, const uint8_t *frame, size_t length)
{
  unsigned index = loop->to_host.frames;

  if (length == 0)
    return;
  if (index == loop->power_cut_before_send) {
    loop->power_cut_before_send = UINT_MAX;
    loop_station_cut_power(loop);
    return;
  }
  loop_line_send(&loop->to_host, frame, length, loop->flash.now_us);
  if (index == loop->power_cut_after_send) {
    loop->power_cut_after_send = UINT_MAX;
    loop_station_cut_power(loop);
  }
}

static bool is_to_lie(Loop *loop, uint8_t type)
{
  bool here = loop->lie && loop->lie_times > 0 &&
              (type == loop->lie_type || (type == WIRE_ANNOUNCE && loop->lie_unasked));

  if (here && loop->lie_when_new && (loop->mode != LOOP_PROGRAM || loop->running == loop->old.bank))
    here = false;
  if (!here)
    return false;
  if (loop->lie_after > 0) {
    loop->lie_after--;
    return false;
  }
  loop->lie_times--;
  loop->lies++;
  return true;
}

/* Changes the true frame in `frame`; `answer` is what it is to look like. */
static size_t tell_lie(Loop *loop, WireFrame answer, uint8_t *frame)
{
  uint8_t *payload = fw_reply_payload(frame);

  answer.length = (uint16_t)(payload[-4] | payload[-3] << 8); /* of the true one */
  answer.payload = payload;
  if (frame[WIRE_FRAME_TYPE_OFFSET] != 0)
    answer.type = frame[WIRE_FRAME_TYPE_OFFSET];
  loop->lie(loop, &answer, payload);
  return wire_frame_write(&answer, frame);
}

/* Whoever speaks is of protocol 1.0. */
static bool is_plain(const Loop *loop)
{
  return loop->no_trials ||
         (loop->new_is_plain && loop->mode == LOOP_PROGRAM && loop->running != loop->old.bank);
}

/* Where a program on trial goes by itself; one that knows no trials stays. */
static uint32_t get_exit(const Loop *loop)
{
  return is_plain(loop) ? 0 : fw_trial_get_exit(&loop->trial, get_ms(loop));
}

static size_t write_identity(Loop *loop, uint8_t *to)
{
  WireIdentity *identity = loop->mode == LOOP_LOADER ? &loop->install.identity : &loop->identity;
  WireIdentity told;

  identity->uptime_ms = get_ms(loop);
  if (loop->mode == LOOP_PROGRAM)
    fw_trial_tell(&loop->trial, get_ms(loop), identity);
  told = *identity;
  if (!is_plain(loop))
    return wire_identity_write(&told, to);
  told.protocol_minor = 0;
  told.trial = WIRE_TRIAL_NONE;
  told.capabilities = WIRE_CAP_UPGRADE;
  wire_identity_write(&told, to);
  return WIRE_IDENTITY_LENGTH_1_0;
}

static void announce(Loop *loop)
{
  uint8_t frame[WIRE_FRAME_MAX] = {0};
  size_t length =
      fw_reply_unasked(WIRE_ANNOUNCE, write_identity(loop, fw_reply_payload(frame)), frame);

  if (is_to_lie(loop, WIRE_ANNOUNCE))
    length = tell_lie(loop, (WireFrame){.type = WIRE_ANNOUNCE}, frame);
  send_from_device(loop, frame, length);
}

LoopCharacter loop_station_get_character(const Loop *loop)
{
  switch (loop->identity.program_version) {
  case LOOP_OLD:
    return loop->old_character;
  case LOOP_OTHER:
    return loop->other_character;
  default:
    return loop->new_character;
  }
}

/* Whoever runs now learns why there was a reset, and nobody after it. A crash is noted elsewhere,
 * for the next errand. */
static void learn_reset_cause(Loop *loop)
{
  if (loop->evidence == WIRE_TRIAL_CAUSE_HANG)
    loop->evidence = WIRE_TRIAL_CAUSE_NONE;
}

static void begin_loader(Loop *loop)
{
  const FwSelf self = {.mode = WIRE_MODE_LOADER, .part_id = PART_ID, .boots = loop->boots};

  learn_reset_cause(loop);
  memset(&loop->install, 0xa5, sizeof loop->install);
  fw_install_init(&loop->install, &loop->flash.flash, &self, loop->running, get_ms(loop));
}

static void begin_program(Loop *loop)
{
  const FwSelf self = {.mode = WIRE_MODE_PROGRAM, .part_id = PART_ID, .boots = loop->boots};

  memset(&loop->trial, 0xa5, sizeof loop->trial);
  fw_identity_fill(&loop->identity, &self, loop->flash.memory, loop->running);
  fw_trial_init(&loop->trial, &loop->flash.flash, &loop->identity, get_ms(loop));
  loop->started_us = loop->now_us;
  loop->reading_us = loop->now_us + READING_US;
  if (loop_station_get_character(loop) == LOOP_HANGS)
    return;
  learn_reset_cause(loop);
  loop->watchdog = true;
}

static bool is_mute(const Loop *loop)
{
  LoopCharacter character = loop_station_get_character(loop);

  return loop->mode == LOOP_PROGRAM && (character == LOOP_HANGS || character == LOOP_MUTE);
}

/* A start is over: the jump program runs, or whom it chose. */
static void wake(Loop *loop)
{
  loop->starting = false;
  wire_decoder_init(&loop->decoder);
  loop->skipped = 0;
  if (loop->mode == LOOP_OFF) {
    loop_station_boot(loop);
    return;
  }
  if (loop->mode == LOOP_LOADER)
    begin_loader(loop);
  else
    begin_program(loop);
  if (!loop->mute_announce && !is_mute(loop))
    announce(loop);
}

void loop_station_settle(Loop *loop)
{
  bool mute = loop->mute_announce;

  loop->mute_announce = true;
  while (loop->starting)
    wake(loop);
  loop->mute_announce = mute;
  if (loop->now_us < loop->flash.now_us)
    loop->now_us = loop->flash.now_us;
}

void loop_station_enter_loader(Loop *loop)
{
  enter_loader(loop, loop->running);
  loop_station_settle(loop);
}

static size_t nak(const WireFrame *request, WireCause cause, uint8_t *reply)
{
  return fw_reply_nak(request, cause, request->type, reply);
}

/* What the program answers; `word` is where it goes then. */
static size_t obey_upgrade(Loop *loop, const WireFrame *request, uint8_t *reply, uint32_t *word)
{
  WireEnter enter_message;

  if (!wire_enter_read(request, &enter_message))
    return nak(request, WIRE_CAUSE_BAD_LENGTH, reply);
  if (enter_message.product != loop->identity.product)
    return nak(request, WIRE_CAUSE_WRONG_PRODUCT, reply);
  if (loop->trial.state == WIRE_TRIAL_RUNNING && !loop->trial.alone)
    return nak(request, WIRE_CAUSE_ON_TRIAL, reply);
  *word = fw_entry_make(fw_trial_is_proven(&loop->trial) ? FW_ENTRY_UPGRADE : FW_ENTRY_LISTEN,
                        loop->running, 0);
  return fw_reply_finish(request, 0, reply);
}

/* As firmware/program has it. */
static size_t handle_in_program(Loop *loop, const WireFrame *request, uint8_t *reply,
                                uint32_t *word)
{
  if (request->type & WIRE_REPLY)
    return 0;
  if (is_plain(loop) && (request->type == WIRE_CONFIRM || request->type == WIRE_GO_BACK))
    return nak(request, WIRE_CAUSE_UNKNOWN_TYPE, reply);
  switch (request->type) {
  case WIRE_IDENTIFY:
    return fw_reply_finish(request, write_identity(loop, fw_reply_payload(reply)), reply);
  case WIRE_ENTER_LOADER:
    return obey_upgrade(loop, request, reply, word);
  case WIRE_CONFIRM:
    return fw_trial_handle_confirm(&loop->trial, request, reply);
  case WIRE_GO_BACK:
    return fw_trial_handle_go_back(&loop->trial, request, reply);
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

/* A loader of protocol 1.0 knows no trial: what it commits stands at once. */
static void end_trial_by_hand(Loop *loop)
{
  const uint8_t *newest = fw_boot_find_record(loop->flash.memory);
  WireRecord record = bench_flash_get_record(&loop->flash);

  if (!loop->no_trials || loop->install.state != FW_INSTALL_COMMITTED)
    return;
  record.state = WIRE_RECORD_CONFIRMED;
  bench_flash_put_any_record(
      &loop->flash, (unsigned)(newest - (loop->flash.memory + WIRE_RECORD_ADDR)) / WIRE_BLOCK_SIZE,
      &record);
}

static size_t handle_in_loader(Loop *loop, const WireFrame *request, uint8_t *reply)
{
  size_t length;

  if (request->type == WIRE_IDENTIFY && loop->no_trials)
    return fw_reply_finish(request, write_identity(loop, fw_reply_payload(reply)), reply);
  length = fw_install_handle(&loop->install, request, get_ms(loop), reply);
  if (!loop->flash.dead)
    end_trial_by_hand(loop);
  return length;
}

static void handle_request(Loop *loop, const WireFrame *request)
{
  uint8_t reply[WIRE_FRAME_MAX] = {0};
  const WireFrame answer = {request->type | WIRE_REPLY, request->token, request->seq, 0, NULL};
  unsigned index = loop->handled++;
  bool lying = is_to_lie(loop, request->type);
  uint32_t word = 0;
  size_t length = 0;

  if (index == loop->power_cut_before) {
    loop_station_cut_power(loop);
    return;
  }
  if (lying && loop->lie_instead)
    length = 0;
  else if (loop->mode == LOOP_PROGRAM)
    length = handle_in_program(loop, request, reply, &word);
  else
    length = handle_in_loader(loop, request, reply);
  if (index == loop->power_cut_after || loop->flash.dead) {
    loop_station_cut_power(loop);
    return;
  }
  if (lying)
    length = tell_lie(loop, answer, reply);
  send_from_device(loop, reply, length);
  if (loop->mode != LOOP_PROGRAM)
    return;
  if (word == 0)
    word = get_exit(loop);
  if (word != 0)
    enter(loop, word);
}

/* As the loader's go: through the jump program, but for one that was listened for. */
static void go(Loop *loop)
{
  WireBank running = fw_install_get_running(&loop->install);

  if (fw_boot_choose(loop->flash.memory) != fw_entry_make(FW_ENTRY_LISTEN, running, 0)) {
    loop_station_boot(loop);
    return;
  }
  loop->watchdog = true;
  enter_program(loop, running);
}

static void leave_loader(Loop *loop)
{
  WireLeavingCause cause = fw_install_get_leaving(&loop->install, get_ms(loop));
  WireLeaving leaving = {.cause = (uint8_t)cause};
  uint8_t frame[WIRE_FRAME_MAX];

  if (cause == 0)
    return;
  leaving.bank = (uint8_t)fw_install_get_running(&loop->install);
  send_from_device(
      loop, frame,
      fw_reply_unasked(WIRE_LEAVING, wire_leaving_write(&leaving, fw_reply_payload(frame)), frame));
  if (loop->mode == LOOP_LOADER)
    go(loop);
}

static void send_reading(Loop *loop)
{
  WireReading reading = {.uptime_ms = get_ms(loop)};
  uint8_t frame[WIRE_FRAME_MAX];

  loop->reading_us = loop->now_us + READING_US;
  send_from_device(
      loop, frame,
      fw_reply_unasked(WIRE_READING, wire_reading_write(&reading, fw_reply_payload(frame)), frame));
}

static bool is_there(const Loop *loop)
{
  return !loop->starting && loop->mode != LOOP_OFF;
}

static void refuse_damaged(Loop *loop)
{
  WireDecoder *decoder = &loop->decoder;
  uint8_t reply[WIRE_FRAME_MAX];

  if (!decoder->has_damaged)
    return;
  decoder->has_damaged = false;
  if ((decoder->damaged.type & WIRE_REPLY) == 0)
    send_from_device(loop, reply, fw_reply_nak(&decoder->damaged, WIRE_CAUSE_DAMAGED, 0, reply));
}

static void take_frames(Loop *loop)
{
  WireFrame request;

  while (is_there(loop) && wire_decoder_next(&loop->decoder, &request))
    handle_request(loop, &request);
  if (is_there(loop))
    refuse_damaged(loop);
}

/* Takes what has arrived; a substation that is off, starting or deaf hears nothing. */
static void receive(Loop *loop)
{
  LoopChunk *chunk;

  while ((chunk = loop_line_peek(&loop->to_device, loop->now_us)) != NULL) {
    for (size_t at = 0; at < chunk->length && is_there(loop) && !is_mute(loop);) {
      at += wire_decoder_push(&loop->decoder, chunk->bytes + at, chunk->length - at);
      loop->heard_us = loop->now_us;
      take_frames(loop);
    }
    loop_line_drop(&loop->to_device);
    if (loop->flash.now_us > loop->now_us)
      return; /* flash has taken its time: the rest waits in the line's buffer */
  }
}

/* What the program does by itself. */
static void turn_program(Loop *loop)
{
  LoopCharacter character = loop_station_get_character(loop);
  uint64_t age_us = loop->now_us - loop->started_us;
  uint32_t word;

  if (character == LOOP_HANGS) {
    if (loop->watchdog && age_us >= WATCHDOG_US)
      restart(loop, WIRE_TRIAL_CAUSE_HANG);
    return;
  }
  if (character == LOOP_CRASHES && age_us >= CRASH_US) {
    restart(loop, WIRE_TRIAL_CAUSE_CRASH);
    return;
  }
  if (!loop->trial.self_tested && !(is_plain(loop) && !loop->no_trials) &&
      age_us >= loop->self_test_us) {
    fw_trial_end_self_test(&loop->trial, character == LOOP_FAILS ? WIRE_SELF_TEST_INPUTS : 0);
    if (loop->flash.dead) {
      loop_station_cut_power(loop);
      return;
    }
  }
  word = get_exit(loop);
  if (word != 0)
    enter(loop, word);
  else if (loop->now_us >= loop->reading_us && character != LOOP_MUTE)
    send_reading(loop);
}

static void turn_loader(Loop *loop)
{
  if (loop->decoder.skipped != loop->skipped)
    fw_install_note_rubbish(&loop->install);
  loop->skipped = loop->decoder.skipped;
  leave_loader(loop);
}

void loop_station_run(Loop *loop)
{
  if (loop->now_us < loop->flash.now_us)
    return; /* busy */
  loop->flash.now_us = loop->now_us;
  if (loop->now_us >= loop->power_cut_at_us)
    loop_station_cut_power(loop);
  if (loop->starting && loop->now_us >= loop->alive_us)
    wake(loop);
  receive(loop);
  if (!is_there(loop) || loop->flash.now_us > loop->now_us)
    return;
  if (wire_decoder_is_inside(&loop->decoder) && loop->now_us - loop->heard_us >= GAP_US) {
    wire_decoder_gap(&loop->decoder);
    take_frames(loop);
  }
  if (!is_there(loop))
    return;
  if (loop->chatter && loop->now_us >= loop->chatter_us && !is_mute(loop)) {
    loop->chatter_us = loop->now_us + TICK_US;
    announce(loop);
  }
  if (!is_there(loop))
    return;
  if (loop->mode == LOOP_LOADER)
    turn_loader(loop);
  else
    turn_program(loop);
}
