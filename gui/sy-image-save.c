/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Saves what a SySaveDialog chose, in a thread. */

#include "sy-config.h"

#include "sy-image-save.h"

#include "sy-format.h"

#include <glib/gi18n.h>

typedef struct {
  SyRelease *release;
  SySaveChoice *choice;
  GFile *target;
} Saving;

typedef struct {
  GPtrArray *files; /* of GFile */
  GArray *ranges;   /* of SyRange, as many */
} Targets;

static void saving_free(gpointer data)
{
  Saving *saving = data;

  sy_release_unref(saving->release);
  sy_save_choice_free(saving->choice);
  g_object_unref(saving->target);
  g_free(saving);
}

static void find_targets(const Saving *saving, Targets *targets)
{
  const SySaveChoice *choice = saving->choice;
  const char *extension = sy_save_get_extension(choice->options.format);
  g_autofree char *name = g_strconcat(choice->stem, ".", extension, NULL);
  g_autoptr(GArray) parts = NULL;

  targets->files = g_ptr_array_new_with_free_func(g_object_unref);
  targets->ranges = g_array_new(FALSE, FALSE, sizeof(SyRange));
  if (!choice->split) {
    g_ptr_array_add(targets->files, g_object_ref(saving->target));
    g_array_append_val(targets->ranges, choice->range);
    return;
  }
  parts = sy_image_split(sy_release_get_image(saving->release), choice->kind);
  for (guint i = 0; i < parts->len; i++) {
    const SyPart *part = &g_array_index(parts, SyPart, i);
    g_autofree char *part_name = sy_part_dup_file_name(part, name, extension);

    g_ptr_array_add(targets->files, g_file_get_child(saving->target, part_name));
    g_array_append_val(targets->ranges, part->range);
  }
}

static gboolean check_free(const Targets *targets, GError **error)
{
  for (guint i = 0; i < targets->files->len; i++) {
    GFile *file = g_ptr_array_index(targets->files, i);
    g_autofree char *name = g_file_get_parse_name(file);

    if (g_file_query_exists(file, NULL)) {
      g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("“%s” is there already."), name);
      return FALSE;
    }
  }
  return TRUE;
}

/* Adds the bytes that were written to `count`. */
static gboolean save_part(const Saving *saving, GFile *file, const SyRange *range,
                          const SySaveOptions *options, GCancellable *cancellable, guint64 *count,
                          GError **error)
{
  g_autoptr(SyImage) part = sy_image_extract(sy_release_get_image(saving->release), range, 1);
  SyRange extent;

  if (saving->choice->fill_gaps && sy_image_find_extent(part, range, &extent)) {
    SyImage *filled = sy_image_fill(part, &extent, options->fill, error);

    if (!filled)
      return FALSE;
    sy_image_unref(part);
    part = filled;
  }
  *count += sy_image_get_size(part);
  return sy_image_save(part, file, options, cancellable, error);
}

static char *dup_sentence(const Targets *targets, guint64 count)
{
  g_autofree char *size = sy_format_size(count);
  g_autofree char *name = g_file_get_basename(g_ptr_array_index(targets->files, 0));
  g_autofree char *shown = g_filename_display_name(name);

  if (targets->files->len == 1)
    return g_strdup_printf(_("Saved %s (%s)"), shown, size);
  return g_strdup_printf(ngettext("Saved %u file (%s)", "Saved %u files (%s)", targets->files->len),
                         targets->files->len, size);
}

static void save_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  SySaveOptions options = saving->choice->options;
  Targets targets;
  GError *error = NULL;
  guint64 count = 0;
  gboolean done;

  find_targets(saving, &targets);
  done = options.replace || check_free(&targets, &error);
  for (guint i = 0; done && i < targets.files->len; i++)
    done = save_part(saving, g_ptr_array_index(targets.files, i),
                     &g_array_index(targets.ranges, SyRange, i), &options, cancellable, &count,
                     &error);
  if (done)
    g_task_return_pointer(task, dup_sentence(&targets, count), g_free);
  else
    g_task_return_error(task, error);
  g_ptr_array_unref(targets.files);
  g_array_unref(targets.ranges);
}

void sy_image_save_async(SyRelease *release, const SySaveChoice *choice, GFile *target,
                         gboolean replace, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
  Saving *saving = g_new0(Saving, 1);

  saving->release = sy_release_ref(release);
  saving->choice = g_memdup2(choice, sizeof *choice);
  saving->choice->stem = g_strdup(choice->stem);
  saving->choice->options.replace = replace;
  saving->target = g_object_ref(target);
  g_task_set_source_tag(task, sy_image_save_async);
  g_task_set_task_data(task, saving, saving_free);
  g_task_run_in_thread(task, save_in_thread);
}

char *sy_image_save_finish(GAsyncResult *result, GError **error)
{
  g_return_val_if_fail(g_task_is_valid(result, NULL), NULL);

  return g_task_propagate_pointer(G_TASK(result), error);
}
