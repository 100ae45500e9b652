/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What going back would do now, or why it can't be done, and what could be kept instead. */

#include "sy-config.h"

#include "sy-way-back.h"

#include <glib/gi18n.h>

static char *dup_program(const WireIdentity *identity, WireBank bank)
{
  g_autofree char *version = sy_version_to_string(identity->banks[bank - WIRE_BANK_LOW].version);

  return g_strdup_printf("%s %s", sy_bank_to_string(bank), version);
}

/* The label of a menu item that can't be chosen, which has no other place to say why; NULL when
 * a program answers that can go back and be kept. */
static const char *find_obstacle(SyStation *station, const WireIdentity *identity)
{
  if (station && sy_station_get_state(station) == SY_STATION_BUSY)
    return _("Go Back (the Substation Is Busy)");
  if (!station || !identity || sy_station_get_state(station) != SY_STATION_CONNECTED)
    return _("Go Back (No Substation Answers)");
  if (identity->protocol_major != WIRE_PROTOCOL_MAJOR ||
      (identity->capabilities & WIRE_CAP_TRIAL) == 0)
    return _("Go Back (This Substation Can’t)");
  if (identity->mode != WIRE_MODE_PROGRAM || identity->running_bank == WIRE_BANK_NONE)
    return _("Go Back (No Program Runs)");
  return NULL;
}

/* As find_obstacle; of the program to go back to. */
static char *dup_bank_obstacle(const WireIdentity *identity, WireBank other)
{
  switch ((WireBankState)identity->banks[other - WIRE_BANK_LOW].state) {
  case WIRE_BANK_VALID:
    return NULL;
  case WIRE_BANK_EMPTY:
    /* Translators: menu item that can't be chosen; a bank. */
    return g_strdup_printf(_("Go Back (%s Is Empty)"), sy_bank_to_string(other));
  case WIRE_BANK_DAMAGED:
  case WIRE_BANK_UNCHECKED:
  default:
    /* Translators: menu item that can't be chosen; a bank. */
    return g_strdup_printf(_("Go Back (%s Is Damaged)"), sy_bank_to_string(other));
  }
}

static char *dup_body(const WireIdentity *identity, const char *running, const char *other)
{
  gboolean was_left =
      identity->trial == WIRE_TRIAL_RETURNED && identity->trial_cause != WIRE_TRIAL_CAUSE_OPERATOR;

  if (identity->trial == WIRE_TRIAL_RUNNING)
    return g_strdup_printf(_("%s is on trial. The substation leaves it and runs %s, as before. "
                             "%s stays in flash."),
                           running, other, running);
  if (was_left)
    return g_strdup_printf(
        _("%s was left: %s. It starts on trial once more. If it fails again, the substation comes "
          "back to %s by itself."),
        other, sy_trial_cause_to_string(identity->trial_cause), running);
  return g_strdup_printf(
      _("The substation stops %s and starts %s on trial. When that has tested itself it is "
        "confirmed and stays; if it fails, the substation comes back by itself. %s is kept."),
      running, other, running);
}

SyWayBack *sy_way_back_new(SyStation *station)
{
  SyWayBack *way = g_new0(SyWayBack, 1);
  const WireIdentity *identity = station ? sy_station_get_identity(station) : NULL;
  g_autofree char *running = NULL;
  g_autofree char *other = NULL;
  WireBank bank;

  way->label = g_strdup(find_obstacle(station, identity));
  if (way->label)
    return way;
  bank = wire_bank_other((WireBank)identity->running_bank);
  running = dup_program(identity, (WireBank)identity->running_bank);
  if (identity->trial == WIRE_TRIAL_RUNNING)
    /* Translators: button and menu item; a program on trial, as in "Keep HIGH 1.1.0". */
    way->keep = g_strdup_printf(_("_Keep %s"), running);
  way->label = dup_bank_obstacle(identity, bank);
  if (way->label)
    return way;
  way->ready = TRUE;
  way->bank = bank;
  other = dup_program(identity, bank);
  /* Translators: menu item; a program, as in "Go Back to LOW 1.0.0…". */
  way->label = g_strdup_printf(_("_Go Back to %s…"), other);
  /* Translators: heading of a question; a program. */
  way->heading = g_strdup_printf(_("Go Back to %s?"), other);
  way->body = dup_body(identity, running, other);
  return way;
}

void sy_way_back_free(SyWayBack *way)
{
  g_free(way->label);
  g_free(way->heading);
  g_free(way->body);
  g_free(way->keep);
  g_free(way);
}
