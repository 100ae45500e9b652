/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader: announces which bank runs, takes a new program into the other one and starts what
 * should run then, whatever happened. It also starts programs on trial for jump program and
 * program. It decides nothing itself (logic/fw-install.c, fw-boot.c, fw-errand.c). */

#include "clock.h"
#include "cpu.h"
#include "fw-errand.h"
#include "fw-install.h"
#include "fw-reply.h"
#include "iap.h"
#include "life.h"
#include "station.h"
#include "uart.h"
#include "watchdog.h"

static FwInstall install;
static WireTrialCause evidence;

static struct {
  bool raised; /* it is not at WIRE_RATE_DEFAULT */
  bool proven; /* a good frame came at this rate */
  uint32_t heard_ms;
} line;

static void announce(void)
{
  install.identity.uptime_ms = clock_get_ms();
  station_send(fw_reply_unasked(
      WIRE_ANNOUNCE, wire_identity_write(&install.identity, fw_reply_payload(station_get_buffer())),
      station_get_buffer()));
}

void start_over(uint32_t mode)
{
  (void)mode;
  cpu_quiet();
  cpu_enter(WIRE_JUMP_ADDR, 0);
}

static __attribute__((noreturn)) void enter(WireBank bank)
{
  watchdog_feed();
  cpu_quiet();
  cpu_enter(wire_bank_get_addr(bank), 0);
}

/* Starts what `word` says, which is the jump program's own decision, so that one place decides.
 * Returns when nothing may start: with no program at all, or one that has to be listened for first.
 *
 * The watchdog is on before a program on trial begins, or one that is not proven, so that also the
 * first thing it does may be to hang. */
static void go(uint32_t word, bool listened)
{
  FwEntryKind kind = fw_entry_get_kind(word);
  WireBank bank = (WireBank)fw_entry_get_bank(word);

  if (kind == FW_ENTRY_NO_PROGRAM || (kind == FW_ENTRY_LISTEN && !listened))
    return;
  if (kind != FW_ENTRY_PROGRAM)
    watchdog_start();
  if (kind == FW_ENTRY_START)
    bank = fw_errand_count_start(&iap_flash, bank, evidence, install.scratch);
  if (bank != WIRE_BANK_NONE)
    enter(bank);
}

static __attribute__((noreturn)) void leave(WireLeavingCause cause)
{
  WireLeaving leaving = {.cause = (uint8_t)cause,
                         .bank = (uint8_t)fw_install_get_running(&install)};

  station_send(fw_reply_unasked(
      WIRE_LEAVING, wire_leaving_write(&leaving, fw_reply_payload(station_get_buffer())),
      station_get_buffer()));
  uart_flush();

  uint32_t start = life_now();

  while (line.raised && life_now() - start < WIRE_RATE_LEAVING_MS * LPC_CRYSTAL_HZ / 1000)
    ;
  go(fw_install_choose(&install), true);
  start_over(0); /* flash reads otherwise than it did: once more from the start */
}

static void set_rate(unsigned divisor)
{
  uart_set_divisor(divisor);
  line.raised = divisor != UART_DIVISOR_DEFAULT;
  line.proven = false;
  line.heard_ms = clock_get_ms();
}

/* The answer still goes at the old rate. */
static void handle_rate(const WireFrame *request)
{
  uint8_t *reply = station_get_buffer();
  WireRate rate = {0};
  unsigned divisor = wire_rate_read(request, &rate) ? uart_find_divisor(rate.baud) : 0;

  if (divisor == 0) {
    station_send(fw_reply_nak(request, WIRE_CAUSE_BAD_RATE, rate.baud, reply));
    return;
  }
  station_send(fw_reply_finish(request, wire_rate_write(&rate, fw_reply_payload(reply)), reply));
  set_rate(divisor);
}

/* One frame; false when there was none. */
static bool handle_frame(void)
{
  static uint32_t rubbish;
  WireFrame request;
  bool received = station_receive(&request);

  if (station_count_rubbish() != rubbish)
    fw_install_note_rubbish(&install);
  rubbish = station_count_rubbish();
  if (!received)
    return false;
  line.heard_ms = clock_get_ms();
  line.proven = true;
  if (request.type == WIRE_RATE) {
    handle_rate(&request);
    return true;
  }

  uint32_t start = life_now();
  size_t length = fw_install_handle(&install, &request, line.heard_ms, station_get_buffer());

  life_spend(WIRE_LIFE_HANDLE_CLOCKS, start);
  station_send(length);
  if (fw_install_has_work(&install))
    station_send(fw_install_work(&install, station_get_buffer()));
  return true;
}

/* The way back from a rate that does not carry, or carries no more. */
static void watch_rate(void)
{
  uint32_t silence_ms = clock_get_ms() - line.heard_ms;

  if (line.raised && silence_ms >= (line.proven ? WIRE_RATE_SILENCE_MS : WIRE_RATE_PROOF_MS))
    set_rate(UART_DIVISOR_DEFAULT);
}

static void set_up(uint32_t reason)
{
  WireBank came_from = WIRE_BANK_NONE;
  FwSelf self;

  station_get_self(WIRE_MODE_LOADER, &self);
  if (fw_entry_get_kind(reason) == FW_ENTRY_START)
    go(fw_boot_choose(iap_flash.memory), false);
  clock_set_up();
  uart_set_up();
  cpu_enable_irq();
  if (fw_entry_get_kind(reason) == FW_ENTRY_UPGRADE)
    came_from = (WireBank)fw_entry_get_bank(reason);
  if (reason & FW_ENTRY_USER_MODE)
    self.flags |= WIRE_FLAG_USER_MODE;
  fw_install_init(&install, &iap_flash, &self, came_from, clock_get_ms());
  install.life = &life;
}

void start_main(uint32_t reason)
{
  cpu_set_up_clocks();
  watchdog_take_over();
  cpu_set_up_ram();
  if (!fw_entry_is_wanted(reason))
    start_over(0);
  evidence = station_find_evidence();
  set_up(reason);
  announce();
  for (;;) {
    watchdog_feed();

    bool handled = handle_frame();
    WireLeavingCause cause = fw_install_get_leaving(&install, clock_get_ms());

    if (cause != 0)
      leave(cause);
    if (!handled) {
      watch_rate();
      station_wait();
    }
  }
}
