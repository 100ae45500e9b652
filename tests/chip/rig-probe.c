/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The probe. */

#include "rig-probe.h"

#include "cpu.h"

enum { CHANNEL_UART0 = 6 };

static bool is_loader_at_work(const Rig *rig)
{
  SyPhase phase = rig->session.progress.phase;

  return phase >= SY_PHASE_RATE && phase <= SY_PHASE_START && rig->leavings == 0;
}

static void follow_interrupt(RigProbe *probe, SimChip *chip, uint64_t now)
{
  bool in_interrupt = (sim_chip_get_cpsr(chip) & SIM_PSR_MODE) == SIM_MODE_IRQ;

  if (in_interrupt && !probe->in_interrupt) {
    probe->since = probe->then; /* its entry is a step of its own */
    probe->by_uart = false;
  }
  if (in_interrupt && sim_chip_get_channel_in_service(chip) == CHANNEL_UART0)
    probe->by_uart = true;
  if (!in_interrupt && probe->in_interrupt) {
    uint64_t clocks = now - probe->since;

    if (probe->by_uart) {
      probe->uart_clocks += clocks;
      probe->uart_count++;
    }
    if (clocks > probe->longest_interrupt)
      probe->longest_interrupt = clocks;
  }
  probe->in_interrupt = in_interrupt;
}

/* Asleep, the core wakes for an interrupt that it has masked: only from then on that one waits. */
static void follow_mask(RigProbe *probe, SimChip *chip, uint64_t now)
{
  bool masked = !probe->in_interrupt && (sim_chip_get_cpsr(chip) & SIM_PSR_I) != 0;

  if ((masked && !probe->masked) || probe->asleep)
    probe->since = now;
  if (masked && now - probe->since > probe->longest_masked) {
    probe->longest_masked = now - probe->since;
    probe->longest_masked_pc = sim_chip_get_pc(chip);
  }
  probe->masked = masked;
  probe->asleep = sim_chip_is_idle(chip);
}

static void follow_line(RigProbe *probe, const Rig *rig, SimChip *chip, uint64_t now)
{
  if (rig->session.progress.phase != SY_PHASE_WRITE || rig->data_frames == 0)
    return;
  probe->blocks_clocks += now - probe->then;
  if (sim_chip_line_get_queued(chip) == 0)
    probe->blocks_idle_clocks += now - probe->then;
}

static void step(void *context, Rig *rig)
{
  RigProbe *probe = context;
  SimChip *chip = rig_chip(rig);
  uint64_t now = sim_chip_get_cycle(chip);
  uint64_t bytes = rig->session.progress.counts.bytes_sent;

  if (!is_loader_at_work(rig)) {
    probe->on = false;
    return;
  }
  if (!probe->on) {
    probe->on = true;
    probe->in_interrupt = probe->masked = probe->asleep = false;
    probe->bytes_before = bytes - probe->bytes;
    probe->then = now;
  }
  follow_interrupt(probe, chip, now);
  follow_mask(probe, chip, now);
  follow_line(probe, rig, chip, now);
  probe->bytes = bytes - probe->bytes_before;
  probe->then = now;
}

void rig_probe_set_up(RigProbe *probe, Rig *rig)
{
  *probe = (RigProbe){.on = false};
  rig->stepped = step;
  rig->stepped_context = probe;
}
