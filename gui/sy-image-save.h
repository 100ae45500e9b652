/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Saves what a SySaveDialog chose, in a thread. */

#pragma once

#include "sy-save-dialog.h"

G_BEGIN_DECLS

/* `target` is the file, or with choice->split the folder, in which none of the files may be there
 * unless `replace`: G_IO_ERROR_EXISTS then, before anything is written. The choice is copied. */
void sy_image_save_async(SyRelease *release, const SySaveChoice *choice, GFile *target,
                         gboolean replace, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);
/* What was saved, in a sentence, free with g_free; or NULL with G_IO_ERROR or SY_CONVERT_ERROR. */
char *sy_image_save_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
