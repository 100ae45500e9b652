/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the window's tests share: one application a process, waiting by running the main loop, the
 * widgets a person would look at, and pictures of the window.
 *
 * Environment: SWITCHYARD_FIRMWARE_DIR, SWITCHYARD_SUBSTATION, SWITCHYARD_TEST_RELEASE,
 * SWITCHYARD_TEST_LARGE, SWITCHYARD_TEST_LOW_ONLY, SWITCHYARD_TEST_OUTPUT (a folder for pictures;
 * none are taken without it).
 */

#pragma once

#include "sy-flash-map.h"
#include "sy-window.h"

/* Longest any step may take, with a sanitizer on a busy machine. */
enum { TEST_DEADLINE_S = 60 };

/* Starts the application; FALSE when there is no display. */
gboolean test_application_start(void);
void test_application_stop(void);

/* A shown window on a virtual substation of its own; its end fails the test when it is held. */
SyWindow *test_window_new(void);
SyWindow *test_window_new_sized(int width, int height);
void test_window_close(SyWindow *window);

/* The path that an environment variable has. */
const char *test_file(const char *variable);
/* One that has read the variable's file and heard the substation. */
SyWindow *test_window_new_connected(const char *variable);

typedef gboolean (*TestCondition)(SyWindow *window);
/* Runs the main loop until the condition holds; fails the test at the deadline. */
void test_wait(SyWindow *window, TestCondition condition, const char *what);
/* Presses Upgrade and runs the main loop until blocks are being written. A virtual substation of
 * the window's is behind a long line until then, so that slow as we may be it is seen; the rate
 * remains the lowest, and the rest takes more than two seconds with a large release. */
void test_start_writing(SyWindow *window);
/* Puts a virtual substation behind such a line until its faults are cleared. */
void test_lengthen_line(SyStation *station);
/* Runs the main loop for a while, and then until each window has been drawn as it is by then. */
void test_spin_ms(guint ms);

gboolean test_is_connected(SyWindow *window);
gboolean test_has_release(SyWindow *window);
gboolean test_can_upgrade(SyWindow *window);
gboolean test_is_writing(SyWindow *window);
gboolean test_is_idle(SyWindow *window);
gboolean test_is_end_shown(SyWindow *window);

/* Borrowed; `name` as in the template of `type`, which `parent` is. */
GtkWidget *test_child(gpointer parent, GType type, const char *name);
/* Of the progress panel. */
GtkWidget *test_panel_child(SyWindow *window, const char *name);
/* What the checks beside the button say, those that are shown; free with g_free. */
char *test_dup_checks(SyWindow *window);
/* Answers the question that is open, as a click on one of its buttons does. */
void test_answer(const char *response);
const char *test_label(SyWindow *window, const char *name);
SyFlashMap *test_flash_map(SyWindow *window);

void test_open(SyWindow *window, const char *path);
void test_press(SyWindow *window, const char *button);

/* A window on screen of this type, or NULL. */
GtkWidget *test_find_window(GType type);
/* The question that is open, or NULL. */
AdwMessageDialog *test_find_dialog(void);

/* A virtual substation behind a pty, which outlives a window; in real time. */
GSubprocess *test_substation_start(const char *pty);
/* `fault` as its --fault takes it, or NULL. */
GSubprocess *test_substation_start_faulty(const char *pty, const char *fault);
void test_substation_stop(GSubprocess *process, const char *pty);

/* Whether anything on screen in `widget` has a CSS class. */
gboolean test_has_class(GtkWidget *widget, const char *css_class);
/* The text of the first label on screen in `widget` that has a CSS class; NULL with none. */
const char *test_text_of_class(GtkWidget *widget, const char *css_class);
/* That label itself. */
GtkWidget *test_label_of_class(GtkWidget *widget, const char *css_class);

/* Saves NAME.png, two pixels a pixel; the second any window, in the style of now. */
void test_picture(SyWindow *window, const char *name);
void test_picture_of(GtkWidget *window, const char *name);
/* As it is painted now, `scale` pixels a pixel. */
GdkTexture *test_render(GtkWidget *window, float scale);
