/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The udev rule that lets whoever sits at the computer open USB serial adapters and keeps
 * ModemManager away from them: whether it would help with a port, and how it is installed. Any
 * thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SY_PORT_RULE_NAME "70-switchyard.rules"

typedef struct {
  gboolean is_covered;   /* the port is an adapter that the rule is for */
  gboolean is_installed; /* udev has it; never seen from a sandbox */
  char *command; /* for a terminal of the computer: installs it, for plugged-in adapters too */
} SyPortRule;

/* Where to look. */
typedef struct {
  const char *root; /* of the file system: "/" */
  const char *rule; /* the rule, as it came with this program; NULL: it is found by itself */
} SyPortRulePlaces;

/* About a device, also one that is not there; `places` may be NULL: those of this computer. NULL
 * when the rule did not come with this program. */
SyPortRule *sy_port_rule_look(const char *device, const SyPortRulePlaces *places);
void sy_port_rule_free(SyPortRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyPortRule, sy_port_rule_free)

/* Whether this program runs in a Flatpak sandbox. `root` is that of the file system: "/". */
gboolean sy_port_is_confined(const char *root);

/* A word for a shell, in quotes only when it needs them; free with g_free. */
char *sy_shell_dup_word(const char *text);

G_END_DECLS
