/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What tests of single widgets share. */

#include "part-fixture.h"

#include "temp-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gboolean raise_flag(gpointer flag)
{
  *(gboolean *)flag = TRUE;
  return G_SOURCE_REMOVE;
}

void part_wait(GtkWidget *widget, gboolean (*flag)(GtkWidget *widget), const char *what)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds(TEST_DEADLINE_S, raise_flag, &late);

  while (!flag(widget) && !late)
    g_main_context_iteration(NULL, TRUE);
  if (late)
    fail_msg("waited %d s in vain: %s", TEST_DEADLINE_S, what);
  g_source_remove(source);
}

static void count_paint(GdkFrameClock *clock, guint *paints)
{
  (*paints)++;
}

GtkWidget *part_window_new(GtkWidget *child, int width, int height)
{
  GtkWidget *window = g_object_ref(adw_window_new());
  guint paints = 0;

  adw_window_set_content(ADW_WINDOW(window), child);
  gtk_window_set_default_size(GTK_WINDOW(window), width, height);
  gtk_window_present(GTK_WINDOW(window));
  g_signal_connect(gtk_widget_get_frame_clock(window), "after-paint", G_CALLBACK(count_paint),
                   &paints);
  while (paints < 2) {
    gtk_widget_queue_draw(window);
    g_main_context_iteration(NULL, TRUE);
  }
  g_signal_handlers_disconnect_by_data(gtk_widget_get_frame_clock(window), &paints);
  return window;
}

void part_window_close(GtkWidget *window)
{
  gpointer left = window;

  g_object_add_weak_pointer(G_OBJECT(window), &left);
  gtk_window_destroy(GTK_WINDOW(window));
  g_object_unref(window);
  for (int n = 0; n < 500 && left; n++)
    test_spin_ms(10);
  if (left)
    fail_msg("something still holds the window");
}

gboolean part_press_key(GtkWidget *widget, guint key)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(widget);
  gboolean taken = FALSE;

  for (guint n = 0; n < g_list_model_get_n_items(controllers) && !taken; n++) {
    g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, n);

    if (GTK_IS_EVENT_CONTROLLER_KEY(controller))
      g_signal_emit_by_name(controller, "key-pressed", key, 0, 0, &taken);
  }
  return taken;
}

static const char *get_text(GtkWidget *widget)
{
  if (GTK_IS_LABEL(widget))
    return gtk_label_get_text(GTK_LABEL(widget));
  return GTK_IS_INSCRIPTION(widget) ? gtk_inscription_get_text(GTK_INSCRIPTION(widget)) : NULL;
}

GtkWidget *part_find_label(GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped(widget))
    return NULL;
  if (g_strcmp0(get_text(widget), text) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child)) {
    GtkWidget *found = part_find_label(child, text);

    if (found)
      return found;
  }
  return NULL;
}

void part_pictures(GtkWidget *window, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autofree char *dark = g_strconcat(name, "-dark", NULL);

  if (!g_getenv("SWITCHYARD_TEST_OUTPUT"))
    return;
  test_picture_of(window, name);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_picture_of(window, dark);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
}

SyRelease *part_release_of_text(const char *text)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "test.hex", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyImageFile) image_file = NULL;

  assert_true(g_file_set_contents(path, text, -1, NULL));
  image_file = sy_image_file_load(file, NULL, NULL, NULL);
  temp_folder_remove(g_steal_pointer(&folder));
  return image_file ? sy_release_new_from_file(image_file) : NULL;
}
