/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyLineDialog: switches for DTR and RTS of serial ports, with what they do. They are the settings'
 * and hold at once. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SY_TYPE_LINE_DIALOG (sy_line_dialog_get_type())
G_DECLARE_FINAL_TYPE(SyLineDialog, sy_line_dialog, SY, LINE_DIALOG, AdwWindow)

GtkWidget *sy_line_dialog_new(GtkWindow *parent);

G_END_DECLS
