/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the program's own companions are: installed, or in the build folder it was started from.
 * Environment variables SWITCHYARD_SUBSTATION, SWITCHYARD_FIRMWARE_DIR, SWITCHYARD_LOCALE_DIR and
 * SWITCHYARD_SCHEMA_DIR come first. Also where devices are: SWITCHYARD_DEVICES. Any thread.
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

/* The folder of the build's compiled settings schema; free with g_free. NULL when this program does
 * not run from a build folder: then the schema is where the system keeps all of them. */
char *sy_locate_schemas(void);

/* The udev rule that comes with the program, see sy-port-rule.h; free with g_free. May not exist.
 */
char *sy_locate_rule(void);

/* The folder with serial/by-id and serial/by-path, where udev names ports: /dev. With another one
 * only the ports that it names are there. Borrowed. */
const char *sy_locate_devices(void);

G_END_DECLS
