/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The type of a station's state. */

#include "sy-station-private.h"

GType sy_station_state_get_type(void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {SY_STATION_CLOSED, "SY_STATION_CLOSED", "closed"},
      {SY_STATION_OPENING, "SY_STATION_OPENING", "opening"},
      {SY_STATION_CONNECTED, "SY_STATION_CONNECTED", "connected"},
      {SY_STATION_BUSY, "SY_STATION_BUSY", "busy"},
      {SY_STATION_UNREACHABLE, "SY_STATION_UNREACHABLE", "unreachable"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter(&type))
    g_once_init_leave(&type, g_enum_register_static("SyStationState", values));
  return type;
}
