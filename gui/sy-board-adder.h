/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBoardAdder: asks which substations to put on a board: adapters that are plugged in, network
 * ports that were used before, ports by their names, virtual substations.
 *
 * Signal "add" (void): a person has chosen, and the window closes.
 */

#pragma once

#include "sy-board.h"
#include "sy-port-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SY_TYPE_BOARD_ADDER (sy_board_adder_get_type())
G_DECLARE_FINAL_TYPE(SyBoardAdder, sy_board_adder, SY, BOARD_ADDER, AdwWindow)

GtkWidget *sy_board_adder_new(GtkWindow *parent, SyBoard *board);

/* The adapters and network ports that were chosen; of SyPort. Free with g_ptr_array_unref. */
GPtrArray *sy_board_adder_dup_ports(SyBoardAdder *self);
/* Ports that were named by hand; free with g_strfreev. */
char **sy_board_adder_dup_names(SyBoardAdder *self);
/* How many virtual substations. */
guint sy_board_adder_get_virtuals(SyBoardAdder *self);

G_END_DECLS
