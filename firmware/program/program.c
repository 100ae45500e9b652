/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The substation's program: samples four inputs, turns counts into quantities, sends readings, says
 * who it is and obeys the upgrade command. Built twice per version, for LOW and for HIGH; the two
 * versions differ in how often they read and over how many samples they average. */

#include "adc.h"
#include "clock.h"
#include "cpu.h"
#include "curves.h"
#include "fw-handover.h"
#include "fw-reply.h"
#include "lpc2114.h"
#include "station.h"
#include "uart.h"
#include "watchdog.h"
#include "wire-bytes.h"

_Static_assert(READING_MS % 10 == 0, "the clock counts in steps of 10 ms");

enum { LAMP = 1 << 21 /* P0.21 */ };

extern const uint32_t vectors[];

static WireIdentity identity;

/* A fault of the program: the watchdog brings the substation back to a state that is known. */
void start_over(void)
{
  for (;;)
    ;
}

static WireBank own_bank(void)
{
  return wire_bank_of_range((uint32_t)vectors, WIRE_IMAGE_LENGTH_MIN);
}

static __attribute__((noreturn)) void enter_loader(void)
{
  uart_flush();
  cpu_quiet();
  cpu_enter(WIRE_LOADER_ADDR, FW_ENTRY_UPGRADE);
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
  station_send(fw_reply_finish(request, 0, reply));
  enter_loader();
}

static size_t answer(const WireFrame *request)
{
  uint8_t *reply = station_get_buffer();

  switch (request->type) {
  case WIRE_IDENTIFY:
    identity.uptime_ms = clock_get_ms();
    return fw_reply_finish(request, wire_identity_write(&identity, fw_reply_payload(reply)), reply);
  case WIRE_ECHO:
    wire_copy(fw_reply_payload(reply), request->payload, request->length);
    return fw_reply_finish(request, request->length, reply);
  case WIRE_BEGIN:
  case WIRE_DATA:
  case WIRE_COMMIT:
  case WIRE_RUN:
  case WIRE_ABORT:
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

static void send_reading(uint32_t now_ms)
{
  static uint16_t number;
  WireReading reading = {.uptime_ms = now_ms, .number = number++};
  uint8_t *frame = station_get_buffer();

  for (unsigned channel = 0; channel < WIRE_CHANNELS; channel++) {
    uint32_t sum = 0;

    for (unsigned sample = 0; sample < SAMPLES; sample++)
      sum += adc_sample(channel);
    reading.raw[channel] = (uint16_t)(sum / SAMPLES);
    reading.value[channel] = curves[channel][reading.raw[channel]];
  }
  station_send(
      fw_reply_unasked(WIRE_READING, wire_reading_write(&reading, fw_reply_payload(frame)), frame));
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

  identity.uptime_ms = clock_get_ms();
  station_send(fw_reply_unasked(WIRE_ANNOUNCE,
                                wire_identity_write(&identity, fw_reply_payload(frame)), frame));
}

static void set_up(void)
{
  FwSelf self;

  cpu_set_up_clocks();
  cpu_set_up_ram();
  clock_set_up();
  uart_set_up();
  station_get_self(WIRE_MODE_PROGRAM, &self);
  watchdog_start();
  LPC_IO0DIR |= LAMP;
  cpu_enable_irq();
  fw_identity_fill(&identity, &self, (const uint8_t *)0, own_bank());
  watchdog_feed();
}

void start_main(uint32_t reason)
{
  uint32_t read_ms = 0;

  (void)reason;
  set_up();
  announce();
  for (;;) {
    uint32_t now_ms = clock_get_ms();

    watchdog_feed();

    bool handled = handle_frame();

    if (now_ms - read_ms >= READING_MS) {
      read_ms = now_ms;
      send_reading(now_ms);
    }
    blink(now_ms);
    if (!handled)
      station_wait();
  }
}
