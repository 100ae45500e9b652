/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader: announces which bank runs, takes a new program into the other one and leaves through
 * the jump program, whatever happened. It decides nothing itself (logic/fw-install.c). */

#include "clock.h"
#include "cpu.h"
#include "fw-install.h"
#include "fw-reply.h"
#include "iap.h"
#include "station.h"
#include "uart.h"
#include "watchdog.h"

static uint32_t erase(void *context, unsigned first_sector, unsigned last_sector)
{
  (void)context;
  watchdog_feed();
  return iap_erase(first_sector, last_sector);
}

static uint32_t program(void *context, uint32_t addr, const uint8_t *block)
{
  (void)context;
  watchdog_feed();
  return iap_program(addr, block);
}

static uint32_t now_ms(void *context)
{
  (void)context;
  return clock_get_ms();
}

static const FwFlash flash = {
    .memory = (const uint8_t *)0,
    .erase = erase,
    .program = program,
    .now_ms = now_ms,
};

static FwInstall install;

static void announce(void)
{
  install.identity.uptime_ms = clock_get_ms();
  station_send(fw_reply_unasked(
      WIRE_ANNOUNCE, wire_identity_write(&install.identity, fw_reply_payload(station_get_buffer())),
      station_get_buffer()));
}

static __attribute__((noreturn)) void leave(WireLeavingCause cause)
{
  WireLeaving leaving = {.cause = (uint8_t)cause,
                         .bank = (uint8_t)fw_install_get_running(&install)};

  station_send(fw_reply_unasked(
      WIRE_LEAVING, wire_leaving_write(&leaving, fw_reply_payload(station_get_buffer())),
      station_get_buffer()));
  uart_flush();
  start_over();
}

void start_over(void)
{
  cpu_quiet();
  cpu_enter(WIRE_JUMP_ADDR, 0);
}

/* One frame; false when there was none. */
static bool handle_frame(void)
{
  WireFrame request;

  if (!station_receive(&request))
    return false;
  station_send(fw_install_handle(&install, &request, clock_get_ms(), station_get_buffer()));
  return true;
}

void start_main(uint32_t reason)
{
  FwSelf self;

  (void)reason;
  cpu_set_up_clocks();
  cpu_set_up_ram();
  clock_set_up();
  uart_set_up();
  watchdog_feed();
  cpu_enable_irq();
  station_get_self(WIRE_MODE_LOADER, &self);
  fw_install_init(&install, &flash, &self, clock_get_ms());
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
