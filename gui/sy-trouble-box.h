/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyTroubleBox: why there is no substation, what to look at, and the command that mends it, which
 * can be copied. Hidden while there is no trouble.
 */

#pragma once

#include "sy-trouble.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_TROUBLE_BOX (sy_trouble_box_get_type())
G_DECLARE_FINAL_TYPE(SyTroubleBox, sy_trouble_box, SY, TROUBLE_BOX, GtkWidget)

/* NULL: there is none. */
void sy_trouble_box_set_trouble(SyTroubleBox *self, const SyTrouble *trouble);

G_END_DECLS
