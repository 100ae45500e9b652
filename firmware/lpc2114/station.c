/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames through UART0. */

#include "station.h"

#include "clock.h"
#include "cpu.h"
#include "fw-handover.h"
#include "fw-reply.h"
#include "iap.h"
#include "life.h"
#include "uart.h"
#include "watchdog.h"

/* Two ticks: the gap is certainly longer than 10 ms, more than any adapter leaves inside a frame
 * that the workstation wrote at once. */
enum { GAP_MS = 20 };

static WireDecoder decoder; /* zero is its state after wire_decoder_init */
static uint8_t buffer[WIRE_FRAME_MAX];
static uint32_t heard_ms;

/* A watchdog that is on was started by the program that handed over to us: there was no reset
 * since, and the mailbox has what it learnt. Off, this is the first after a reset. */
static WireResetCause learn_reset_cause(volatile FwMailbox *mailbox)
{
  if (watchdog_has_timed_out())
    fw_mailbox_set_reset_cause(mailbox, WIRE_RESET_WATCHDOG);
  else if (!watchdog_is_on())
    fw_mailbox_set_reset_cause(mailbox, WIRE_RESET_POWER_OR_PIN);
  watchdog_clear_timed_out();
  return (WireResetCause)fw_mailbox_get_reset_cause(mailbox);
}

WireTrialCause station_find_evidence(void)
{
  if (fw_mailbox_take_crash((volatile FwMailbox *)FW_MAILBOX_ADDR) != 0)
    return WIRE_TRIAL_CAUSE_CRASH;
  return watchdog_has_timed_out() ? WIRE_TRIAL_CAUSE_HANG : WIRE_TRIAL_CAUSE_NONE;
}

void station_get_self(WireMode mode, FwSelf *self)
{
  volatile FwMailbox *mailbox = (volatile FwMailbox *)FW_MAILBOX_ADDR;

  self->mode = mode;
  self->part_id = iap_read_part_id();
  self->reset_cause = learn_reset_cause(mailbox);
  self->boots = (uint16_t)fw_mailbox_get_boots(mailbox);
  self->flags = watchdog_is_on() ? WIRE_FLAG_WATCHDOG : 0;
}

void station_wait(void)
{
  uint32_t cpsr = cpu_mask_irq();

  if (!uart_has_bytes())
    cpu_idle();
  cpu_restore_irq(cpsr);
}

static void refuse_damaged(void)
{
  if (!decoder.has_damaged)
    return;
  decoder.has_damaged = false;
  if ((decoder.damaged.type & WIRE_REPLY) == 0)
    station_send(fw_reply_nak(&decoder.damaged, WIRE_CAUSE_DAMAGED, 0, station_get_buffer()));
}

static bool find_frame(WireFrame *frame)
{
  uint32_t now_ms = clock_get_ms();

  while (!wire_decoder_next(&decoder, frame)) {
    refuse_damaged();
    size_t length =
        uart_read(decoder.buffer + decoder.length, sizeof decoder.buffer - decoder.length);

    if (length > 0) {
      life.fields[WIRE_LIFE_BYTES] += length;
      decoder.length = (uint16_t)(decoder.length + length);
      heard_ms = now_ms;
    } else if (wire_decoder_is_inside(&decoder) && now_ms - heard_ms >= GAP_MS) {
      wire_decoder_gap(&decoder);
    } else {
      return false;
    }
  }
  return true;
}

bool station_receive(WireFrame *frame)
{
  uint32_t start = life_now();
  bool found = find_frame(frame);

  life_spend(WIRE_LIFE_FRAME_CLOCKS, start);
  return found;
}

uint32_t station_count_rubbish(void)
{
  return decoder.skipped;
}

uint8_t *station_get_buffer(void)
{
  while (uart_is_sending())
    ;
  return buffer;
}

void station_send(size_t length)
{
  uart_write(buffer, length);
}
