/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The states that a window can be in, each made as it comes about in the field: a port that is not
 * there, one without permission, a line on which nobody answers, and so on. Tests that look at all
 * of them share this.
 */

#pragma once

#include "window-fixture.h"

typedef struct {
  SyWindow *window;
  char *folder; /* of the line; NULL without one */
  char *line;   /* what stands for the device, in the folder */
  int terminal; /* our end of the line; -1 without one */
  int holder;   /* another user of the line; -1 without one */
  GSubprocess *substation;
} TestScene;

typedef struct {
  const char *name; /* as in the name of a picture */
  void (*enter)(TestScene *scene);
  gboolean running; /* a job goes on: it ends by itself */
  gboolean pages;   /* what its pages show, no other state does */
} TestState;

extern const TestState test_states[];
extern const guint test_state_count;

/* Comes back when the state is reached and what slides in has arrived. Leave it with the other. */
void test_scene_enter(TestScene *scene, const TestState *state, int width, int height);
void test_scene_leave(TestScene *scene);
/* NULL when there is none of that name. */
const TestState *test_state_find(const char *name);

/* Opens a file of the firmware folder and waits until it can be sent. */
void test_open_firmware(SyWindow *window, const char *name);

/* Calls back with each page of the window in front, after it has been drawn; `name` is the page's.
 * A state whose pages others show, too, is seen with the one in front. */
typedef void (*TestPageFunc)(SyWindow *window, const char *name, gpointer user_data);
void test_visit_pages(TestScene *scene, const TestState *state, TestPageFunc visit,
                      gpointer user_data);

/* Appends a struct CMUnitTest for each state, which it gets as its own. */
void test_add_for_states(GArray *tests, void (*function)(void **state));
/* What cmocka says. */
int test_run(GArray *tests, const char *name);
