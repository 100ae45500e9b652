/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader: announces which bank runs, takes a new program into the other one and leaves through
 * the jump program, whatever happened. It also runs the errands of jump program and program, which
 * end in the program they name. It decides nothing itself (logic/fw-install.c, fw-errand.c). */

#include "clock.h"
#include "cpu.h"
#include "fw-errand.h"
#include "fw-install.h"
#include "fw-reply.h"
#include "iap.h"
#include "station.h"
#include "uart.h"
#include "watchdog.h"

static FwInstall install;

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

/* Through the jump program, so that one place decides. Only what it would send back here to listen
 * is entered from here, with the watchdog on: it was listened to. */
static __attribute__((noreturn)) void go(void)
{
  WireBank running = fw_install_get_running(&install);

  if (fw_boot_choose(iap_flash.memory) == fw_entry_make(FW_ENTRY_LISTEN, running, 0)) {
    watchdog_start();
    cpu_quiet();
    cpu_enter(wire_bank_get_addr(running), 0);
  }
  start_over(0);
}

static __attribute__((noreturn)) void leave(WireLeavingCause cause)
{
  WireLeaving leaving = {.cause = (uint8_t)cause,
                         .bank = (uint8_t)fw_install_get_running(&install)};

  station_send(fw_reply_unasked(
      WIRE_LEAVING, wire_leaving_write(&leaving, fw_reply_payload(station_get_buffer())),
      station_get_buffer()));
  uart_flush();
  go();
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
  station_send(fw_install_handle(&install, &request, clock_get_ms(), station_get_buffer()));
  return true;
}

/* What this start tells about how the last one of a program on trial ended. */
static WireTrialCause find_evidence(void)
{
  if (fw_mailbox_take_crash((volatile FwMailbox *)FW_MAILBOX_ADDR) != 0)
    return WIRE_TRIAL_CAUSE_CRASH;
  return watchdog_has_timed_out() ? WIRE_TRIAL_CAUSE_HANG : WIRE_TRIAL_CAUSE_NONE;
}

/* The watchdog is on before a program on trial begins, so that also the first thing it does may be
 * to hang. Returns when nothing may start. */
static void run_errand(const FwEntry *entry)
{
  WireTrialCause evidence = find_evidence();
  FwSelf self;

  station_get_self(WIRE_MODE_LOADER, &self);
  watchdog_start();

  WireBank bank = fw_errand_run(&iap_flash, entry, evidence, install.scratch);

  if (bank == WIRE_BANK_NONE)
    return;
  watchdog_feed();
  cpu_quiet();
  cpu_enter(wire_bank_map(bank)->addr, 0);
}

static bool is_errand(const FwEntry *entry)
{
  return (entry->kind == FW_ENTRY_TRIAL || entry->kind == FW_ENTRY_RETURN ||
          entry->kind == FW_ENTRY_SWITCH) &&
         wire_bank_map((WireBank)entry->bank);
}

static void set_up(const FwEntry *entry)
{
  WireBank came_from = entry->kind == FW_ENTRY_UPGRADE ? (WireBank)entry->bank : WIRE_BANK_NONE;
  FwSelf self;

  clock_set_up();
  uart_set_up();
  cpu_enable_irq();
  station_get_self(WIRE_MODE_LOADER, &self);
  if (entry->user_mode)
    self.flags |= WIRE_FLAG_USER_MODE;
  fw_install_init(&install, &iap_flash, &self, came_from, clock_get_ms());
}

void start_main(uint32_t reason)
{
  FwEntry entry = fw_entry_read(reason);

  cpu_set_up_clocks();
  watchdog_take_over();
  cpu_set_up_ram();
  if (!entry.is_wanted)
    start_over(0);
  if (is_errand(&entry))
    run_errand(&entry);
  set_up(&entry);
  announce();
  for (;;) {
    watchdog_feed();

    bool handled = handle_frame();
    WireLeavingCause cause = fw_install_get_leaving(&install, clock_get_ms());

    if (cause != 0)
      leave(cause);
    if (!handled)
      station_wait();
  }
}
