/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the program's own companions are: installed, or in the build folder it was started from.
 * Environment variables SWITCHYARD_SUBSTATION, SWITCHYARD_FIRMWARE_DIR and SWITCHYARD_LOCALE_DIR
 * come first. Any thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Path of the switchyard-substation program; free with g_free. May not exist. */
char *sy_locate_substation(void);

/* Path of a firmware file as the build makes them, e.g. "factory.hex"; free with g_free. */
char *sy_locate_firmware(const char *name);

/* The folder of translations, with LANGUAGE/LC_MESSAGES/switchyard.mo below, for bindtextdomain();
 * free with g_free. May not exist. */
char *sy_locate_translations(void);

G_END_DECLS
