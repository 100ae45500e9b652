/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The substation's program: samples four inputs, turns counts into quantities, sends readings, says
 * who it is, proves itself when it is new, and obeys the upgrade command. Built twice per version,
 * for LOW and for HIGH; the two versions differ in how often they read and over how many samples
 * they average. */

#include "adc.h"
#include "clock.h"
#include "cpu.h"
#include "curves.h"
#include "drill.h"
#include "fw-handover.h"
#include "fw-reply.h"
#include "fw-trial.h"
#include "iap.h"
#include "lpc2114.h"
#include "station.h"
#include "uart.h"
#include "watchdog.h"
#include "wire-bytes.h"

_Static_assert(READING_MS % 10 == 0, "the clock counts in steps of 10 ms");

enum { LAMP = 1 << 21 /* P0.21 */ };

extern const uint32_t vectors[];

static WireIdentity identity;
static FwTrial trial;

/* A fault of the program: noted, so that somebody may tell what it was, and then a reset brings the
 * substation back to a state that is known. */
void start_over(uint32_t mode)
{
  fw_mailbox_set_crash((volatile FwMailbox *)FW_MAILBOX_ADDR, mode);
  watchdog_reset();
}

static WireBank own_bank(void)
{
  return wire_bank_of_range((uint32_t)vectors, WIRE_IMAGE_LENGTH_MIN);
}

static __attribute__((noreturn)) void enter_loader(uint32_t word)
{
  uart_flush();
  watchdog_feed();
  drill_enter_loader(word);
  cpu_quiet();
  cpu_enter(WIRE_LOADER_ADDR, word);
}

static void obey_upgrade(const WireFrame *request)
{
  uint8_t *reply = station_get_buffer();
  WireEnter enter;

  if (!wire_enter_read(request, &enter)) {
    station_send(fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply));
    return;
  }
  if (enter.product != WIRE_PRODUCT_DEMO) {
    station_send(fw_reply_nak(request, WIRE_CAUSE_WRONG_PRODUCT, WIRE_PRODUCT_DEMO, reply));
    return;
  }
  if (trial.state == WIRE_TRIAL_RUNNING && !trial.alone) {
    station_send(fw_reply_nak(request, WIRE_CAUSE_ON_TRIAL, 0, reply));
    return;
  }
  station_send(fw_reply_finish(request, 0, reply));
  enter_loader(
      fw_entry_make(fw_trial_is_proven(&trial) ? FW_ENTRY_UPGRADE : FW_ENTRY_LISTEN, own_bank()));
}

static size_t write_identity(uint8_t *to)
{
  uint32_t now_ms = clock_get_ms();

  identity.uptime_ms = now_ms;
  fw_trial_tell(&trial, now_ms, &identity);
  return wire_identity_write(&identity, to);
}

static size_t answer(const WireFrame *request)
{
  uint8_t *reply = station_get_buffer();

  switch (request->type) {
  case WIRE_IDENTIFY:
    return fw_reply_finish(request, write_identity(fw_reply_payload(reply)), reply);
  case WIRE_CONFIRM:
    return fw_trial_handle_confirm(&trial, request, reply);
  case WIRE_GO_BACK:
    return fw_trial_handle_go_back(&trial, request, reply);
  case WIRE_ECHO:
    wire_copy(fw_reply_payload(reply), request->payload, request->length);
    return fw_reply_finish(request, request->length, reply);
  case WIRE_BEGIN:
  case WIRE_DATA:
  case WIRE_COMMIT:
  case WIRE_RUN:
  case WIRE_ABORT:
  case WIRE_RATE:
  case WIRE_READ:
    /* The loader's; a workstation that sends them here has missed that the loader left. */
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
  default:
    return fw_reply_nak(request, WIRE_CAUSE_UNKNOWN_TYPE, request->type, reply);
  }
}

/* One frame a turn of the main loop, so that a busy line holds up neither readings nor the
 * watchdog. False when there was none. */
static bool handle_frame(void)
{
  WireFrame request;

  if (!station_receive(&request))
    return false;
  if (request.type == WIRE_ENTER_LOADER)
    obey_upgrade(&request);
  else if ((request.type & WIRE_REPLY) == 0)
    station_send(answer(&request));
  return true;
}

/* False when the converter does not answer. */
static bool read_channel(unsigned channel, uint16_t *counts)
{
  uint32_t sum = 0;

  for (unsigned sample = 0; sample < SAMPLES; sample++) {
    uint16_t value = adc_sample(channel);

    if (value == ADC_FAILED)
      return false;
    sum += value;
  }
  *counts = (uint16_t)(sum / SAMPLES);
  return true;
}

/* Whether all inputs could be read. */
static bool send_reading(uint32_t now_ms)
{
  static uint16_t number;
  WireReading reading = {.uptime_ms = now_ms, .number = number++};
  uint8_t *frame = station_get_buffer();
  bool right = true;

  for (unsigned channel = 0; channel < WIRE_CHANNELS; channel++) {
    right &= read_channel(channel, &reading.raw[channel]);
    reading.value[channel] = curves[channel][reading.raw[channel]];
  }
  if (drill_is_mute())
    return right;
  station_send(
      fw_reply_unasked(WIRE_READING, wire_reading_write(&reading, fw_reply_payload(frame)), frame));
  return right;
}

/* What is left of the self-test when the first reading has been taken; that it came at all says
 * that the clock goes. */
static void end_self_test(bool inputs_right)
{
  uint8_t failed = drill_self_test();

  if (trial.self_tested)
    return;
  if (fw_boot_judge(iap_flash.memory, NULL, own_bank()) != WIRE_BANK_VALID)
    failed |= WIRE_SELF_TEST_IMAGE;
  if (!inputs_right)
    failed |= WIRE_SELF_TEST_INPUTS;
  fw_trial_end_self_test(&trial, failed);
}

static void blink(uint32_t now_ms)
{
  if (now_ms / READING_MS % 2 == 0)
    LPC_IO0SET = LAMP;
  else
    LPC_IO0CLR = LAMP;
}

/* Says once who is here, so that nobody has to ask and wait. */
static void announce(void)
{
  uint8_t *frame = station_get_buffer();

  if (drill_is_mute())
    return;
  station_send(fw_reply_unasked(WIRE_ANNOUNCE, write_identity(fw_reply_payload(frame)), frame));
}

/* That this program is whole was judged before it was started; its self-test judges once more. The
 * other is `state`. */
static void fill_identity(const FwSelf *self, WireBankState state)
{
  WireBank other = wire_bank_other(own_bank());

  fw_identity_fill_bank(&identity, iap_flash.memory, own_bank(), WIRE_BANK_VALID);
  fw_identity_fill_bank(&identity, iap_flash.memory, other, state);
  fw_identity_set_running(&identity, iap_flash.memory, own_bank());
  fw_identity_fill(&identity, self);
}

static void set_up(void)
{
  WireTrialCause evidence = station_find_evidence();
  FwSelf self;

  cpu_set_up_clocks();
  cpu_set_up_ram();
  clock_set_up();
  uart_set_up();
  station_get_self(WIRE_MODE_PROGRAM, &self);
  watchdog_start();
  self.flags |= WIRE_FLAG_WATCHDOG;
  LPC_IO0DIR |= LAMP;
  cpu_enable_irq();
  fill_identity(&self, WIRE_BANK_UNCHECKED);

  /* A new program is waited for, and for nothing else; who is returned to says why. */
  bool is_new = identity.trial == WIRE_TRIAL_RUNNING;

  trial.state = (WireTrial)identity.trial;
  if (is_new)
    announce();
  fill_identity(&self, fw_boot_judge(iap_flash.memory, NULL, wire_bank_other(own_bank())));
  fw_trial_init(&trial, &iap_flash, &identity, evidence, clock_get_ms());
  if (!is_new)
    announce();
  watchdog_feed();
}

/* Only while time passes: a program without its clock would neither end its self-test nor its
 * trial.
 */
static void feed_watchdog(uint32_t now_ms)
{
  static uint32_t fed_ms = 1; /* no tick of 10 ms */

  if (now_ms == fed_ms)
    return;
  fed_ms = now_ms;
  watchdog_feed();
}

void start_main(uint32_t reason)
{
  uint32_t read_ms = 0;

  (void)reason;
  drill_start();
  set_up();
  for (;;) {
    uint32_t now_ms = clock_get_ms();

    feed_watchdog(now_ms);
    drill_turn(now_ms);

    bool handled = !drill_is_mute() && handle_frame();

    if (fw_trial_is_over(&trial, now_ms))
      enter_loader(fw_entry_make(FW_ENTRY_START, WIRE_BANK_NONE));

    if (now_ms - read_ms >= READING_MS) {
      read_ms = now_ms;
      end_self_test(send_reading(now_ms));
    }
    blink(now_ms);
    if (!handled)
      station_wait();
  }
}
