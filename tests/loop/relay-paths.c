/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The paths that an upgrade is tried on, as they are between a workstation and a substation. */

#include "relay.h"

enum { USB = 62 }; /* bytes of the line in one packet of a USB adapter */

const RelayPath relay_paths[] = {
    {.name = "clean, 1 ms", .latency_ms = 1, .done_percent = 100},
    {.name = "bit errors 1e-6", .latency_ms = 1, .bit_errors = 1e-6, .done_percent = 90},
    {.name = "bit errors 1e-5", .latency_ms = 1, .bit_errors = 1e-5, .done_percent = 90},
    {.name = "bit errors 1e-4", .latency_ms = 1, .bit_errors = 1e-4, .done_percent = 90},
    {.name = "bit errors 3e-4", .latency_ms = 1, .bit_errors = 3e-4, .done_percent = 50},
    {.name = "bit errors 1e-3", .latency_ms = 1, .bit_errors = 1e-3},
    {.name = "bursts", .latency_ms = 1, .chunk = USB, .burst = 60, .done_percent = 90},
    {.name = "lost chunks 0.5 %", .latency_ms = 1, .chunk = USB, .lose = 50, .done_percent = 90},
    {.name = "lost chunks 5 %", .latency_ms = 1, .chunk = USB, .lose = 500, .done_percent = 90},
    {.name = "doubled chunks 2 %", .latency_ms = 1, .chunk = USB, .twice = 200, .done_percent = 90},
    {.name = "16 ms", .latency_ms = 16, .done_percent = 90},
    {.name = "100 ms", .latency_ms = 100, .done_percent = 90},
    {.name = "500 ms", .latency_ms = 500, .done_percent = 90},
    {.name = "jitter 20 to 400 ms", .latency_ms = 20, .jitter_ms = 380, .done_percent = 90},
    {.name = "to the substation dead",
     .latency_ms = 16,
     .dies = {[RELAY_TO_DEVICE] = true},
     .dies_within_ms = 6000},
    {.name = "from the substation dead",
     .latency_ms = 16,
     .dies = {[RELAY_TO_HOST] = true},
     .dies_within_ms = 6000},
    {.name = "to the substation dead for 3 s",
     .latency_ms = 16,
     .dies = {[RELAY_TO_DEVICE] = true},
     .dies_within_ms = 6000,
     .dead_ms = 3000,
     .done_percent = 75},
    {.name = "from the substation dead for 3 s",
     .latency_ms = 16,
     .dies = {[RELAY_TO_HOST] = true},
     .dies_within_ms = 6000,
     .dead_ms = 3000,
     .done_percent = 75},
    {.name = "both dead for 20 s",
     .latency_ms = 16,
     .dies = {true, true},
     .dies_within_ms = 6000,
     .dead_ms = 20000},
    {.name = "datagrams overtake",
     .latency_ms = 20,
     .overtake = 500,
     .overtake_ms = 100,
     .done_percent = 90},
    {.name = "datagrams lost, doubled, overtake",
     .latency_ms = 50,
     .jitter_ms = 40,
     .lose = 200,
     .twice = 200,
     .overtake = 500,
     .overtake_ms = 400,
     .done_percent = 80},
    {.name = "old answers and questions",
     .latency_ms = 16,
     .old = 1000,
     .old_ms = 12000,
     .done_percent = 40},
    {.name = "old ones, and losses",
     .latency_ms = 50,
     .lose = 300,
     .old = 3000,
     .old_ms = 8000,
     .done_percent = 20},
    {.name = "earlier answers first", .latency_ms = 16, .alike = 4000, .done_percent = 40},
    {.name = "all of it",
     .latency_ms = 100,
     .jitter_ms = 100,
     .bit_errors = 1e-5,
     .burst = 20,
     .lose = 50,
     .twice = 50,
     .overtake = 50,
     .overtake_ms = 300,
     .old = 200,
     .old_ms = 8000,
     .done_percent = 50},
};
const unsigned relay_path_count = sizeof relay_paths / sizeof relay_paths[0];

bool relay_path_has(const RelayPath *path, RelayImpairment impairment)
{
  switch (impairment) {
  case RELAY_BIT:
    return path->bit_errors > 0;
  case RELAY_BURST:
    return path->burst > 0;
  case RELAY_LOST:
    return path->lose > 0;
  case RELAY_DOUBLED:
    return path->twice > 0;
  case RELAY_LATE:
    return path->jitter_ms > 0;
  case RELAY_OVERTOOK:
    return path->overtake > 0;
  case RELAY_OLD:
    return path->old > 0 || path->alike > 0;
  case RELAY_DEAF:
    return path->dies[RELAY_TO_DEVICE] || path->dies[RELAY_TO_HOST];
  case RELAY_IMPAIRMENTS:
  default:
    return false;
  }
}

const char *relay_impairment_name(RelayImpairment impairment)
{
  static const char *const names[RELAY_IMPAIRMENTS] = {
      "bits turned", "bursts", "lost", "doubled", "late", "overtook", "old ones", "met a dead line",
  };

  return names[impairment];
}
