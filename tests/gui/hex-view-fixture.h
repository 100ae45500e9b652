/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the tests of the bytes view share: a window with nothing else in it, images whose every byte
 * is the low byte of its address, keys, and a mouse. Whatever goes wrong fails the test.
 */

#pragma once

#include "sy-hex-view-private.h"

enum { HEX_WIDE = 900, HEX_HEIGHT = 700, HEX_NARROW = 360, HEX_LARGE_LEN = 4 * 1024 * 1024 };

typedef struct {
  GtkWindow *window;
  SyHexView *view;
  GtkAdjustment *vertical;
} HexPage;

void hex_image_add(SyImageBuilder *builder, guint32 addr, guint32 length);
/* Some of LOW, some of HIGH with a hole, and four bytes at the very end. */
SyImage *hex_image_new(void);
/* HEX_LARGE_LEN bytes from 0x8000000. */
SyImage *hex_image_new_large(void);

/* Shown and laid out, with nothing in it; the view has the focus. */
void hex_page_open(HexPage *page, int width);
void hex_page_open_image(HexPage *page, int width);
/* Sees to it that nothing holds the view. */
void hex_page_close(HexPage *page);
/* Until what was asked for is laid out and painted. */
void hex_page_settle(HexPage *page);

/* What the nth line in sight says to a screen reader; NULL beyond the last. */
const char *hex_page_get_line(HexPage *page, guint wanted);
void hex_page_assert_line(HexPage *page, guint n, const char *expected_prefix);
void hex_page_assert_cursor(HexPage *page, guint32 addr);
void hex_page_assert_selection(HexPage *page, guint64 addr, guint64 end);
void hex_page_assert_no_selection(HexPage *page);

/* What the view's own binding of a key does; FALSE when it leaves the key to others. */
gboolean hex_page_press(HexPage *page, guint key, GdkModifierType modifiers);
/* Borrowed. */
GtkGesture *hex_page_find_gesture(HexPage *page, GType type, guint button);
void hex_page_click(HexPage *page, int count, double x, double y);
/* The middle of a byte's digits, of its letter, of a line in sight. */
double hex_page_byte_x(HexPage *page, guint column);
double hex_page_text_x(HexPage *page, guint column);
double hex_page_line_y(HexPage *page, guint line);
