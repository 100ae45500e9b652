/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Drawing over the end of a terminal. */

#include "sy-cli-live.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_USUAL = 80, LINES_USUAL = 24, LINES_MIN = 2, COLUMNS_MIN = 2 };

struct _SyCliLive {
  guint drawn; /* lines that stand there */
};

SyCliLive *sy_cli_live_new(void)
{
  return g_new0(SyCliLive, 1);
}

static void get_size(guint *columns, guint *lines)
{
  struct winsize size = {0};
  gboolean known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

  *columns = known && size.ws_col > 0 ? size.ws_col : COLUMNS_USUAL;
  *lines = known && size.ws_row > 0 ? size.ws_row : LINES_USUAL;
}

guint sy_cli_live_get_room(SyCliLive *self)
{
  guint columns, lines;

  (void)self;
  get_size(&columns, &lines);
  return MAX(lines, LINES_MIN + 1) - 1; /* the cursor stands below them */
}

static guint count_columns_of(gunichar letter)
{
  return g_unichar_iszerowidth(letter) ? 0 : g_unichar_iswide(letter) ? 2 : 1;
}

guint sy_cli_count_columns(const char *text)
{
  guint columns = 0;

  for (; *text; text = g_utf8_next_char(text))
    columns += count_columns_of(g_utf8_get_char(text));
  return columns;
}

void sy_cli_append_padded(GString *line, const char *text, guint columns)
{
  g_string_append(line, text);
  for (guint n = sy_cli_count_columns(text); n < columns; n++)
    g_string_append_c(line, ' ');
}

/* A line that went on below would be one more than is known of. */
static void append_cut(GString *to, const char *text, guint columns)
{
  const char *end = text;

  if (sy_cli_count_columns(text) <= columns) {
    g_string_append(to, text);
    return;
  }
  for (guint left = columns - 1; count_columns_of(g_utf8_get_char(end)) <= left;
       end = g_utf8_next_char(end))
    left -= count_columns_of(g_utf8_get_char(end));
  g_string_append_len(to, text, end - text);
  g_string_append(to, "…");
}

/* To where the first of the lines begins. */
static void append_return(const SyCliLive *self, GString *to)
{
  if (self->drawn > 0)
    g_string_append_printf(to, "\033[%uA", self->drawn);
  g_string_append_c(to, '\r');
}

static void put(const GString *text)
{
  fwrite(text->str, 1, text->len, stdout);
  fflush(stdout);
}

void sy_cli_live_draw(SyCliLive *self, char *const *lines)
{
  g_autoptr(GString) text = g_string_new(NULL);
  guint room = sy_cli_live_get_room(self);
  guint columns, height, count = 0;

  get_size(&columns, &height);
  append_return(self, text);
  for (; lines[count] && count < room; count++) {
    append_cut(text, lines[count], MAX(columns, COLUMNS_MIN) - 1);
    g_string_append(text, "\033[K\n");
  }
  g_string_append(text, "\033[J"); /* those that are no more */
  self->drawn = count;
  put(text);
}

void sy_cli_live_free(SyCliLive *self)
{
  g_autoptr(GString) text = g_string_new(NULL);

  append_return(self, text);
  g_string_append(text, "\033[J");
  put(text);
  g_free(self);
}
