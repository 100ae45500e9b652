/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ports behind a network that were used last. */

#include "sy-config.h"

#include "sy-network-ports.h"

#include "sy-net-name.h"
#include "sy-settings.h"

char **sy_network_ports_dup(void)
{
  return g_settings_get_strv(sy_settings_get(), SY_NETWORK_PORTS_KEY);
}

void sy_network_ports_remember(const char *port)
{
  g_auto(GStrv) ports = sy_network_ports_dup();
  g_autoptr(SyNetName) name = sy_net_name_is(port) ? sy_net_name_parse(port, NULL) : NULL;
  const char *kept[SY_NETWORK_PORTS_MAX + 1] = {port};

  if (!name || g_strv_contains((const char *const *)ports, port))
    return;
  for (guint n = 0; ports[n] && n + 1 < SY_NETWORK_PORTS_MAX; n++)
    kept[n + 1] = ports[n];
  g_settings_set_strv(sy_settings_get(), SY_NETWORK_PORTS_KEY, kept);
}

void sy_network_ports_forget(const char *port)
{
  g_auto(GStrv) ports = sy_network_ports_dup();
  g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
  g_auto(GStrv) left = NULL;

  for (char **other = ports; *other; other++)
    if (!g_str_equal(*other, port))
      g_strv_builder_add(kept, *other);
  left = g_strv_builder_end(kept);
  g_settings_set_strv(sy_settings_get(), SY_NETWORK_PORTS_KEY, (const char *const *)left);
}
