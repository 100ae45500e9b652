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
  LOADER_1_1 = WIRE_VERSION(1, 1, 0),
  CRASH_US = 500000,
};

static uint32_t get_ms(const Loop *loop)
{
  return (uint32_t)(loop->flash.now_us / 1000);
}

/* Whoever was chosen is there after a while, and says so; what comes before is lost. */
static void start_later(Loop *loop, uint64_t off_us)
{
  loop->starting = true;
  loop->station_baud = WIRE_RATE_DEFAULT;
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

/* As the loader's go: what should run is started, by the jump program's own decision. False:
 * nothing may start, or not before somebody could have spoken. */
static bool go(Loop *loop, bool listened)
{
  uint32_t word = fw_boot_choose(loop->flash.memory);
  FwEntryKind kind = fw_entry_get_kind(word);
  WireBank bank = (WireBank)fw_entry_get_bank(word);

  if (kind == FW_ENTRY_NO_PROGRAM || (kind == FW_ENTRY_LISTEN && !listened))
    return false;
  loop->watchdog |= kind != FW_ENTRY_PROGRAM;
  if (kind == FW_ENTRY_START)
    bank = fw_errand_count_start(&loop->flash.flash, bank, loop->loader_evidence,
                                 loop->install.scratch);
  if (loop->flash.dead) {
    loop_station_cut_power(loop);
    return true;
  }
  if (bank != WIRE_BANK_NONE)
    enter_program(loop, bank);
  return bank != WIRE_BANK_NONE;
}

/* Whoever runs now learns how the last start ended, and nobody after it. */
static WireTrialCause take_evidence(Loop *loop)
{
  WireTrialCause evidence = loop->evidence;

  loop->evidence = WIRE_TRIAL_CAUSE_NONE;
  return evidence;
}

static void enter(Loop *loop, uint32_t word)
{
  FwEntryKind kind = fw_entry_get_kind(word);

  assert_true(fw_entry_is_wanted(word));
  if (kind == FW_ENTRY_PROGRAM) {
    enter_program(loop, (WireBank)fw_entry_get_bank(word));
    return;
  }
  loop->loader_evidence = take_evidence(loop);
  if (kind == FW_ENTRY_START && go(loop, false))
    return;
  enter_loader(loop, kind == FW_ENTRY_UPGRADE ? (WireBank)fw_entry_get_bank(word) : WIRE_BANK_NONE);
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

void loop_station_send(Loop *loop, const uint8_t *frame, size_t length)
{
  unsigned index = loop->to_host.frames;

  if (length == 0)
    return;
  if (loop->mute_rates > 0 && frame[WIRE_FRAME_TYPE_OFFSET] == (WIRE_RATE | WIRE_REPLY)) {
    loop->mute_rates--;
    return;
  }
  if (index == loop->power_cut_before_send) {
    loop->power_cut_before_send = UINT_MAX;
    loop_station_cut_power(loop);
    return;
  }
  loop_line_send(&loop->to_host, frame, length, loop->station_baud, loop->flash.now_us);
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

/* Whether a program on trial leaves by itself; one that knows no trials stays. */
static bool is_over(Loop *loop)
{
  return !is_plain(loop) && fw_trial_is_over(&loop->trial, get_ms(loop));
}

size_t loop_station_write_identity(Loop *loop, uint8_t *to)
{
  WireIdentity *identity = loop->mode == LOOP_LOADER ? &loop->install.identity : &loop->identity;
  WireIdentity told;

  identity->uptime_ms = get_ms(loop);
  if (loop->mode == LOOP_PROGRAM)
    fw_trial_tell(&loop->trial, get_ms(loop), identity);
  told = *identity;
  if (loop_loader_is_one_by_one(loop)) {
    told.protocol_minor = 1;
    told.loader_version = LOADER_1_1;
    told.capabilities = WIRE_CAP_UPGRADE | WIRE_CAP_TRIAL;
    told.window = 1;
    told.room = 0;
  }
  if (!is_plain(loop))
    return wire_identity_write(&told, to);
  told.protocol_minor = 0;
  told.trial = WIRE_TRIAL_NONE;
  told.capabilities = WIRE_CAP_UPGRADE;
  told.window = 1;
  wire_identity_write(&told, to);
  return WIRE_IDENTITY_LENGTH_1_0;
}

static void announce(Loop *loop)
{
  uint8_t frame[WIRE_FRAME_MAX] = {0};
  size_t length = fw_reply_unasked(
      WIRE_ANNOUNCE, loop_station_write_identity(loop, fw_reply_payload(frame)), frame);

  if (is_to_lie(loop, WIRE_ANNOUNCE))
    length = tell_lie(loop, (WireFrame){.type = WIRE_ANNOUNCE}, frame);
  loop_station_send(loop, frame, length);
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

static void fill_identity(Loop *loop)
{
  const FwSelf self = {.mode = WIRE_MODE_PROGRAM, .part_id = LOOP_PART_ID, .boots = loop->boots};

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    fw_identity_fill_bank(&loop->identity, loop->flash.memory, bank,
                          bank == loop->running ? WIRE_BANK_VALID
                                                : fw_boot_judge(loop->flash.memory, NULL, bank));
  fw_identity_set_running(&loop->identity, loop->flash.memory, loop->running);
  fw_identity_fill(&loop->identity, &self);
}

static void begin_program(Loop *loop)
{
  memset(&loop->trial, 0xa5, sizeof loop->trial);
  fill_identity(loop);
  loop->started_us = loop->now_us;
  loop->reading_us = loop->now_us + READING_US;
  loop->begun = loop_station_get_character(loop) != LOOP_HANGS;
  if (!loop->begun)
    return;
  loop->watchdog = true;
  fw_trial_init(&loop->trial, &loop->flash.flash, &loop->identity, take_evidence(loop),
                get_ms(loop));
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
    loop_loader_begin(loop);
  else
    begin_program(loop);
  if (loop->flash.dead)
    loop_station_cut_power(loop);
  else if (!loop->mute_announce && !is_mute(loop))
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

/* What the program answers; `word` is where it goes then, 0: nowhere. */
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
                        loop->running);
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
    return fw_reply_finish(request, loop_station_write_identity(loop, fw_reply_payload(reply)),
                           reply);
  case WIRE_ENTER_LOADER:
    return obey_upgrade(loop, request, reply, word);
  case WIRE_CONFIRM:
    return fw_trial_handle_confirm(&loop->trial, request, reply);
  case WIRE_GO_BACK:
    return fw_trial_handle_go_back(&loop->trial, request, reply);
  case WIRE_ECHO:
    memcpy(fw_reply_payload(reply), request->payload, request->length);
    return fw_reply_finish(request, request->length, reply);
  case WIRE_BEGIN:
  case WIRE_DATA:
  case WIRE_COMMIT:
  case WIRE_RUN:
  case WIRE_ABORT:
  case WIRE_RATE:
  case WIRE_READ:
    return nak(request, WIRE_CAUSE_NOT_NOW, reply);
  default:
    return nak(request, WIRE_CAUSE_UNKNOWN_TYPE, reply);
  }
}

/* Where the program goes, by command or by itself. */
static void move_on(Loop *loop, uint32_t word)
{
  if (word == 0 && is_over(loop))
    word = fw_entry_make(FW_ENTRY_START, WIRE_BANK_NONE);
  if (loop->flash.dead)
    loop_station_cut_power(loop);
  else if (word != 0)
    enter(loop, word);
}

/* DATA takes its time: that of the bench's flash is the least there is. */
static void take_time(Loop *loop, unsigned operations)
{
  loop->flash.now_us += loop->data_us;
  for (unsigned i = operations; i < loop->flash.count; i++)
    if (loop->flash.operations[i].erase)
      loop->flash.now_us += loop->anew_us;
}

static void handle_request(Loop *loop, const WireFrame *request)
{
  uint8_t reply[WIRE_FRAME_MAX] = {0};
  const WireFrame answer = {request->type | WIRE_REPLY, request->token, request->seq, 0, NULL};
  unsigned index = loop->handled++;
  bool lying = is_to_lie(loop, request->type), obeys = !(lying && loop->lie_instead);
  LoopMode mode = loop->mode;
  unsigned operations = loop->flash.count;
  uint32_t word = 0, baud = 0;
  size_t length = 0;

  loop->station_proven = true;
  loop->good_us = loop->now_us;
  if (index == loop->power_cut_before) {
    loop_station_cut_power(loop);
    return;
  }
  if (obeys && mode == LOOP_PROGRAM)
    length = handle_in_program(loop, request, reply, &word);
  else if (obeys)
    length = loop_loader_handle(loop, request, reply, &baud);
  if (mode == LOOP_LOADER && request->type == WIRE_DATA)
    take_time(loop, operations);
  if (index == loop->power_cut_after || loop->flash.dead) {
    loop_station_cut_power(loop);
    return;
  }
  loop->lie_request = *request;
  if (lying)
    length = tell_lie(loop, answer, reply);
  else if (request->type == WIRE_DATA && length <= sizeof loop->said)
    memcpy(loop->said, reply, loop->said_length = length);
  loop_station_send(loop, reply, length);
  if (loop->mode == LOOP_LOADER && obeys)
    loop_loader_work(loop, baud);
  else if (loop->mode == LOOP_PROGRAM)
    move_on(loop, word);
}

static void leave_loader(Loop *loop)
{
  WireLeavingCause cause = fw_install_get_leaving(&loop->install, get_ms(loop));
  WireLeaving leaving = {.cause = (uint8_t)cause};
  uint8_t frame[WIRE_FRAME_MAX];

  if (cause == 0)
    return;
  leaving.bank = (uint8_t)fw_install_get_running(&loop->install);
  loop_station_send(
      loop, frame,
      fw_reply_unasked(WIRE_LEAVING, wire_leaving_write(&leaving, fw_reply_payload(frame)), frame));
  if (loop->mode == LOOP_LOADER && !go(loop, true))
    loop_station_boot(loop);
}

static void send_reading(Loop *loop)
{
  WireReading reading = {.uptime_ms = get_ms(loop)};
  uint8_t frame[WIRE_FRAME_MAX];

  loop->reading_us = loop->now_us + READING_US;
  loop_station_send(
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
    loop_station_send(loop, reply, fw_reply_nak(&decoder->damaged, WIRE_CAUSE_DAMAGED, 0, reply));
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

  while ((chunk = loop_line_peek(&loop->to_device, loop->station_baud, loop->now_us)) != NULL) {
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
      age_us >= loop->self_test_us)
    fw_trial_end_self_test(&loop->trial, character == LOOP_FAILS ? WIRE_SELF_TEST_INPUTS : 0);
  move_on(loop, 0);
  if (is_there(loop) && loop->now_us >= loop->reading_us && character != LOOP_MUTE)
    send_reading(loop);
}

static void turn_loader(Loop *loop)
{
  if (loop->decoder.skipped != loop->skipped)
    fw_install_note_rubbish(&loop->install);
  loop->skipped = loop->decoder.skipped;
  loop_loader_watch_rate(loop);
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
  if (is_there(loop) && loop->mode == LOOP_PROGRAM && !loop->begun &&
      loop_station_get_character(loop) != LOOP_HANGS)
    begin_program(loop); /* it hung, and the test has thought better of it */
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
    if (loop->stutter)
      loop_station_send(loop, loop->said, loop->said_length);
    else
      announce(loop);
  }
  if (!is_there(loop))
    return;
  if (loop->mode == LOOP_LOADER)
    turn_loader(loop);
  else
    turn_program(loop);
}
