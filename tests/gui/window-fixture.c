/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window's tests share. */

#include "window-fixture.h"

#include "sy-application.h"
#include "sy-plan-list.h"
#include "sy-progress-panel.h"
#include "sy-station-panel.h"
#include "temp-folder.h"

#include <glib/gstdio.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

#include <cmocka.h>

/* Each way: on so long a line no other rate is tried. */
enum { LONG_LINE_MS = 250 };

static SyApplication *application;
static char *data_home; /* no test is to find what another program kept */

gboolean test_application_start(void)
{
  g_autoptr(GError) error = NULL;

  g_set_prgname("window-test");
  data_home = temp_folder_new();
  g_setenv("XDG_DATA_HOME", data_home, TRUE); /* before GTK asks for it, which is remembered */
  g_setenv("XDG_STATE_HOME", data_home, TRUE);
  if (!gtk_init_check()) {
    test_application_stop();
    return FALSE;
  }
  application = sy_application_new();
  g_application_set_flags(G_APPLICATION(application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register(G_APPLICATION(application), NULL, &error))
    g_error("%s", error->message);
  return TRUE;
}

void test_application_stop(void)
{
  g_clear_object(&application);
  g_clear_pointer(&data_home, temp_folder_remove);
}

SyWindow *test_window_new(void)
{
  return test_window_new_sized(-1, -1);
}

SyWindow *test_window_new_sized(int width, int height)
{
  SyWindow *window = g_object_ref(sy_window_new(GTK_APPLICATION(application)));

  if (width > 0)
    gtk_window_set_default_size(GTK_WINDOW(window), width, height);
  gtk_window_present(GTK_WINDOW(window));
  return window;
}

static gboolean raise_flag(gpointer flag)
{
  *(gboolean *)flag = TRUE;
  return G_SOURCE_REMOVE;
}

/* What slides or fades goes by the clock, but only a frame puts it where it belongs by then. On a
 * busy machine none may have come for long. */
static void await_frame(GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock(widget);
  gboolean painted = FALSE, late = FALSE;
  gulong handler;
  guint source;

  if (!clock || !gtk_widget_get_mapped(widget))
    return;
  g_object_ref(clock);
  handler = g_signal_connect_swapped(clock, "after-paint", G_CALLBACK(raise_flag), &painted);
  source = g_timeout_add_seconds(TEST_DEADLINE_S, raise_flag, &late);
  gtk_widget_queue_draw(widget);
  while (!painted && !late && gtk_widget_get_mapped(widget))
    g_main_context_iteration(NULL, TRUE);
  if (!late)
    g_source_remove(source);
  g_signal_handler_disconnect(clock, handler);
  g_object_unref(clock);
}

void test_spin_ms(guint ms)
{
  g_autoptr(GListModel) windows = g_object_ref(gtk_window_get_toplevels());
  gboolean over = FALSE;

  g_timeout_add(ms, raise_flag, &over);
  while (!over)
    g_main_context_iteration(NULL, TRUE);
  /* One for what moves, one for what is laid out anew for that. */
  for (guint n = 0; n < 2 * g_list_model_get_n_items(windows); n++) {
    /* Let go last: a window that outlives the one it belongs to reaches for it in vain. */
    g_autoptr(GtkWindow) parent = NULL;
    g_autoptr(GtkWidget) window = g_list_model_get_item(windows, n / 2);

    if (!window)
      continue;
    g_set_object(&parent, gtk_window_get_transient_for(GTK_WINDOW(window)));
    await_frame(window);
  }
}

void test_window_close(SyWindow *window)
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

void test_wait(SyWindow *window, TestCondition condition, const char *what)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds(TEST_DEADLINE_S, raise_flag, &late);

  while (!condition(window) && !late)
    g_main_context_iteration(NULL, TRUE);
  if (late && SY_IS_WINDOW(window))
    print_message("# %s · %s · %s\n", test_label(window, "phase_label"),
                  test_label(window, "figures_label"), test_label(window, "result_label"));
  if (late)
    fail_msg("waited %d s in vain: %s", TEST_DEADLINE_S, what);
  g_source_remove(source);
}

gboolean test_is_connected(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_CONNECTED;
}

gboolean test_has_release(SyWindow *window)
{
  return sy_window_get_release(window) != NULL;
}

gboolean test_can_upgrade(SyWindow *window)
{
  return gtk_widget_is_sensitive(test_panel_child(window, "upgrade_button"));
}

gboolean test_is_writing(SyWindow *window)
{
  const SyProgress *progress = sy_station_get_progress(sy_window_get_station(window));

  return progress->phase == SY_PHASE_WRITE && progress->blocks_done >= 3;
}

void test_lengthen_line(SyStation *station)
{
  if (sy_station_get_virtual(station))
    sy_virtual_add_fault(sy_station_get_virtual(station), "latency", LONG_LINE_MS);
}

void test_start_writing(SyWindow *window)
{
  SyVirtual *substation = sy_station_get_virtual(sy_window_get_station(window));

  test_lengthen_line(sy_window_get_station(window));
  test_press(window, "upgrade_button");
  test_wait(window, test_is_writing, "blocks to be written");
  if (substation)
    sy_virtual_clear_faults(substation);
}

gboolean test_is_idle(SyWindow *window)
{
  return !sy_window_is_busy(window);
}

gboolean test_is_end_shown(SyWindow *window)
{
  return test_is_idle(window) && gtk_widget_get_mapped(test_panel_child(window, "result_label"));
}

GtkWidget *test_child(gpointer parent, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child(GTK_WIDGET(parent), type, name);

  if (!child)
    fail_msg("no %s in %s", name, g_type_name(type));
  return GTK_WIDGET(child);
}

GtkWidget *test_panel_child(SyWindow *window, const char *name)
{
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "progress_panel");

  return test_child(panel, SY_TYPE_PROGRESS_PANEL, name);
}

const char *test_label(SyWindow *window, const char *name)
{
  GtkWidget *child = test_panel_child(window, name);

  return GTK_IS_BUTTON(child) ? gtk_button_get_label(GTK_BUTTON(child))
                              : gtk_label_get_text(GTK_LABEL(child));
}

char *test_dup_checks(SyWindow *window)
{
  return sy_plan_list_dup_text(SY_PLAN_LIST(test_panel_child(window, "plan_list")));
}

void test_answer(const char *response)
{
  AdwMessageDialog *dialog = test_find_dialog();

  assert_non_null(dialog);
  adw_message_dialog_response(dialog, response);
  gtk_window_destroy(GTK_WINDOW(dialog));
  assert_null(test_find_dialog());
}

SyFlashMap *test_flash_map(SyWindow *window)
{
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "station_panel");

  return sy_station_panel_get_flash_map(SY_STATION_PANEL(panel));
}

void test_open(SyWindow *window, const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path(path);

  sy_window_open(window, file);
}

void test_press(SyWindow *window, const char *button)
{
  GtkWidget *widget = test_panel_child(window, button);

  assert_true(gtk_widget_is_sensitive(widget));
  g_signal_emit_by_name(widget, "clicked");
}

GtkWidget *test_find_window(GType type)
{
  GListModel *windows = gtk_window_get_toplevels();

  for (guint n = 0; n < g_list_model_get_n_items(windows); n++) {
    g_autoptr(GtkWidget) window = g_list_model_get_item(windows, n);

    if (g_type_is_a(G_OBJECT_TYPE(window), type) && gtk_widget_get_visible(window))
      return window;
  }
  return NULL;
}

AdwMessageDialog *test_find_dialog(void)
{
  return (AdwMessageDialog *)test_find_window(ADW_TYPE_MESSAGE_DIALOG);
}

const char *test_file(const char *variable)
{
  const char *path = g_getenv(variable);

  if (!path)
    fail_msg("%s is not set", variable);
  return path;
}

SyWindow *test_window_new_connected(const char *variable)
{
  SyWindow *window = test_window_new();

  test_open(window, test_file(variable));
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_is_connected, "the substation to answer");
  return window;
}

GSubprocess *test_substation_start(const char *pty)
{
  return test_substation_start_faulty(pty, NULL);
}

/* A test that fails leaves nothing running. */
static void end_with_us(gpointer user_data)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *test_substation_start_faulty(const char *pty, const char *fault)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *factory =
      g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), "factory.hex", NULL);
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup(launcher, end_with_us, NULL, NULL);
  process =
      g_subprocess_launcher_spawn(launcher, NULL, test_file("SWITCHYARD_SUBSTATION"), "--pty", pty,
                                  "--factory", factory, fault ? "--fault" : NULL, fault, NULL);
  assert_non_null(process);
  for (int n = 0; n < 3000 && !g_file_test(pty, G_FILE_TEST_EXISTS); n++)
    test_spin_ms(20);
  return process;
}

void test_substation_stop(GSubprocess *process, const char *pty)
{
  g_subprocess_force_exit(process);
  assert_true(g_subprocess_wait(process, NULL, NULL));
  g_remove(pty);
}

static GtkWidget *find_class(GtkWidget *widget, const char *css_class, GType type)
{
  if (!gtk_widget_get_mapped(widget))
    return NULL;
  if (gtk_widget_has_css_class(widget, css_class) && g_type_is_a(G_OBJECT_TYPE(widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child)) {
    GtkWidget *found = find_class(child, css_class, type);

    if (found)
      return found;
  }
  return NULL;
}

gboolean test_has_class(GtkWidget *widget, const char *css_class)
{
  return find_class(widget, css_class, GTK_TYPE_WIDGET) != NULL;
}

GtkWidget *test_label_of_class(GtkWidget *widget, const char *css_class)
{
  return find_class(widget, css_class, GTK_TYPE_LABEL);
}

const char *test_text_of_class(GtkWidget *widget, const char *css_class)
{
  GtkWidget *found = test_label_of_class(widget, css_class);

  return found ? gtk_label_get_text(GTK_LABEL(found)) : NULL;
}

typedef struct {
  GtkWidget *widget;
  float scale;
  GdkTexture *texture;
} Picture;

/* After a paint the window's picture is whole; in between it may be empty. */
static void take_picture(GdkFrameClock *clock, Picture *picture)
{
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(picture->widget);
  g_autoptr(GskRenderNode) node = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new();
  double width = gtk_widget_get_width(picture->widget);
  double height = gtk_widget_get_height(picture->widget);
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT(0, 0, picture->scale * (float)width, picture->scale * (float)height);

  gtk_snapshot_scale(snapshot, picture->scale, picture->scale);
  gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot), width, height);
  node = gtk_snapshot_free_to_node(snapshot);
  if (!node || picture->texture)
    return;
  picture->texture = gsk_renderer_render_texture(
      gtk_native_get_renderer(gtk_widget_get_native(picture->widget)), node, &bounds);
}

GdkTexture *test_render(GtkWidget *window, float scale)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
  Picture picture = {.widget = window, .scale = scale};
  gulong handler = g_signal_connect(clock, "after-paint", G_CALLBACK(take_picture), &picture);

  for (int n = 0; n < 200 && !picture.texture; n++) {
    gtk_widget_queue_draw(picture.widget);
    test_spin_ms(10);
  }
  g_signal_handler_disconnect(clock, handler);
  assert_non_null(picture.texture);
  return picture.texture;
}

void test_picture(SyWindow *window, const char *name)
{
  test_picture_of(GTK_WIDGET(window), name);
}

void test_picture_of(GtkWidget *window, const char *name)
{
  const char *folder = g_getenv("SWITCHYARD_TEST_OUTPUT");
  g_autofree char *file = g_strconcat(name, ".png", NULL);
  g_autofree char *path = NULL;
  g_autoptr(GdkTexture) texture = NULL;

  if (!folder)
    return;
  g_mkdir_with_parents(folder, 0755);
  path = g_build_filename(folder, file, NULL);
  texture = test_render(window, 2);
  assert_true(gdk_texture_save_to_png(texture, path));
}
