/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyTextReader: cuts a text into lines and decides what each may be by where it stands.
 *
 * Plain records are decoded many at a time straight into the image, by the format. Every other line
 * is taken by itself, and carefully: all that a file may say and all that may be wrong with it is
 * there, and there only.
 */

#include "sy-text-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-hex-private.h"
#include "sy-image-private.h"
#include "sy-text-private.h"

/* How much text is offered to read_plain: so much may lie between two lines of the index. */
enum { PLAIN_TEXT_MAX = 128 * 1024 };

/* What stands in a line behind what is kept of it; the worst counts. */
enum { BEYOND_BLANKS, BEYOND_NULS, BEYOND_OTHER };

SyTextReader *sy_text_reader_new(SyFormat format, guint64 text_length)
{
  g_return_val_if_fail(format == SY_FORMAT_HEX || format == SY_FORMAT_SREC, NULL);

  SyTextReader *reader = g_new0(SyTextReader, 1);

  sy_hex_decode_init();
  reader->format = format == SY_FORMAT_HEX ? &sy_text_format_hex : &sy_text_format_srec;
  reader->state = g_malloc0(reader->format->state_size);
  reader->builder = sy_image_builder_new();
  reader->problems = sy_problems_new();
  reader->lines = sy_line_index_new();
  reader->rest = g_byte_array_new();
  /* A byte has two digits at least. */
  sy_image_builder_reserve(reader->builder, (guint32)MIN(text_length / 2, SY_HEX_DATA_MAX));
  return reader;
}

void sy_text_reader_free(SyTextReader *reader)
{
  if (!reader)
    return;
  g_clear_pointer(&reader->builder, sy_image_builder_free);
  g_clear_pointer(&reader->problems, sy_problems_unref);
  g_clear_pointer(&reader->lines, sy_line_index_free);
  g_byte_array_unref(reader->rest);
  g_clear_error(&reader->limit);
  g_free(reader->state);
  g_free(reader);
}

void sy_text_clear(SyText *text)
{
  g_clear_pointer(&text->image, sy_image_unref);
  g_clear_pointer(&text->problems, sy_problems_unref);
  g_clear_pointer(&text->lines, sy_line_index_free);
}

static gboolean is_done(const SyTextReader *reader)
{
  return reader->limit || reader->stopped;
}

/* ---- Lines ---- */

static void stop_at_ctrl_z(SyTextReader *reader, gsize column)
{
  sy_text_warn(
      reader, SY_HEX_ERROR_SYNTAX, column, SY_TEXT_NO_ADDR,
      _("a Ctrl-Z ends the text here, as under CP/M and DOS. It does no harm; what follows "
        "it is not looked at."));
  reader->stopped = TRUE;
}

gboolean sy_text_take_tail(SyTextReader *reader, const SyTextLine *line, const char *at,
                           gboolean is_end)
{
  if (at == line->stop)
    return TRUE;
  if (is_end && *at == SY_TEXT_CTRL_Z) {
    stop_at_ctrl_z(reader, sy_text_column(line, at));
    return TRUE;
  }
  if (!sy_text_is_blank(*at) && *at != ';' && *at != '#')
    return FALSE;
  sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, sy_text_column(line, at), SY_TEXT_NO_ADDR,
               _("text follows the record on its line. It is taken for a comment; other programs "
                 "may refuse it."));
  return TRUE;
}

/* The data of what follows the end record are not taken; how much it is, is told at the end. */
static void take_behind_end(SyTextReader *reader, const SyTextLine *line)
{
  if (*line->text == SY_TEXT_CTRL_Z) {
    stop_at_ctrl_z(reader, sy_text_column(line, line->text));
  } else if (*line->text != reader->format->mark) {
    if (reader->n_text++ == 0)
      reader->text_line = reader->line;
  } else if (reader->n_after == 0 && reader->format->is_end(line)) {
    sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
                 _("the end record is given again. It does no harm."));
  } else if (reader->n_after++ == 0) {
    reader->after_line = reader->line;
  }
}

static void take_padding(SyTextReader *reader, SyTextLine *line, gboolean seen)
{
  const char *stop = line->stop;

  while (stop > line->text && (stop[-1] == '\0' || sy_text_is_blank(stop[-1]))) {
    seen |= stop[-1] == '\0';
    stop--;
  }
  if (!seen)
    return;
  line->stop = stop;
  sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, sy_text_column(line, stop), SY_TEXT_NO_ADDR,
               _("the file is filled up with NUL bytes from here to its end. It does no harm."));
}

/* One flipped bit makes a semicolon of a colon; that must not pass for a comment. */
static gboolean is_hidden_record(const SyTextLine *line)
{
  enum { DIGITS_MIN = 2 * SY_HEX_RECORD_FRAME };
  const char *at = line->text + 1;

  while (at < line->stop && g_ascii_isxdigit(*at))
    at++;
  return at - (line->text + 1) >= DIGITS_MIN;
}

static void take_comment(SyTextReader *reader, const SyTextLine *line)
{
  if (is_hidden_record(line))
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, sy_text_column(line, line->text), SY_TEXT_NO_ADDR,
                 _("the line begins as a comment but looks like a record whose first character is "
                   "wrong. The file is damaged: get it again."));
  else
    sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
                 _("this is no record but a comment. It is passed over; other programs may refuse "
                   "it."));
}

/* One line, whatever it is. `beyond`: what was not kept of it. */
static void take_line(SyTextReader *reader, SyTextLine *line, guint beyond)
{
  gsize mark_length = ++reader->line == 1 ? sy_text_skip_mark(line->begin, line->stop) : 0;

  line->text = line->begin + mark_length;
  if (mark_length > 0)
    sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, 1, SY_TEXT_NO_ADDR,
                 _("the file begins with a byte order mark, which an editor put there. It does no "
                   "harm here; other programs may refuse it."));
  if (!line->has_end && beyond < BEYOND_OTHER)
    take_padding(reader, line, beyond == BEYOND_NULS);
  while (line->stop > line->text && sy_text_is_blank(line->stop[-1]))
    line->stop--;
  if (line->text == line->stop)
    return;
  if (reader->ended)
    take_behind_end(reader, line);
  else if (beyond == BEYOND_OTHER || (beyond == BEYOND_NULS && line->has_end))
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
                 _("the line is longer than %d characters; no record is. The file is damaged or of "
                   "another kind: get it again."),
                 SY_TEXT_LINE_MAX);
  else if (*line->text == reader->format->mark)
    reader->format->read_record(reader, line);
  else if (sy_text_is_comment(line->text, line->stop))
    take_comment(reader, line);
  else
    sy_text_fail_begin(reader, line);
}

static void tell_lone_cr(SyTextReader *reader)
{
  if (reader->lone_cr)
    return;
  reader->lone_cr = TRUE;
  sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
               _("the line ends with a carriage return alone, as on old Macs. It is taken for a "
                 "line's end; other programs may refuse the file."));
}

/* ---- The text in pieces ---- */

static void keep(SyTextReader *reader, const char *from, const char *to)
{
  gsize room = SY_TEXT_LINE_MAX - reader->rest->len;
  gsize kept = MIN((gsize)(to - from), room);

  g_byte_array_append(reader->rest, (const guint8 *)from, (guint)kept);
  reader->rest_length += (guint64)(to - from);
  for (from += kept; from < to && reader->rest_beyond < BEYOND_OTHER; from++)
    if (!sy_text_is_blank(*from))
      reader->rest_beyond = *from == '\0' ? MAX(reader->rest_beyond, BEYOND_NULS) : BEYOND_OTHER;
}

/* The line that was kept is whole. */
static void take_rest(SyTextReader *reader, gboolean has_end)
{
  const char *rest = reader->rest->len > 0 ? (const char *)reader->rest->data : "";
  SyTextLine line = {rest, rest, rest + reader->rest->len, has_end};
  guint beyond = reader->rest_beyond;

  reader->offset += reader->rest_length;
  reader->rest_length = 0;
  reader->rest_beyond = BEYOND_BLANKS;
  reader->rest_cr = FALSE;
  take_line(reader, &line, beyond);
  g_byte_array_set_size(reader->rest, 0);
}

/* Reads on to the end of the line that was kept. Returns what is behind it. */
static const char *complete_rest(SyTextReader *reader, const char *at, const char *end)
{
  gboolean lone_cr;

  if (!reader->rest_cr) {
    const char *stop = sy_text_find_line_end(at, end);

    keep(reader, at, stop);
    if (stop == end)
      return end;
    at = stop;
    reader->rest_cr = *at == '\r';
    if (reader->rest_cr) {
      at++;
      reader->offset++;
    }
    if (at == end)
      return end;
  }
  lone_cr = *at != '\n';
  if (!lone_cr) {
    at++;
    reader->offset++;
  }
  take_rest(reader, TRUE);
  if (lone_cr)
    tell_lone_cr(reader);
  return at;
}

/* Whole lines. Returns the one that is not. */
static const char *read_lines(SyTextReader *reader, const char *at, const char *end)
{
  while (!is_done(reader) && at < end) {
    const char *begin = at;

    sy_line_index_note(reader->lines, reader->line + 1, reader->offset);
    if (reader->format->read_plain && !reader->ended)
      at = reader->format->read_plain(reader, at, at + MIN(end - at, PLAIN_TEXT_MAX));
    reader->offset += (guint64)(at - begin);

    const char *stop = sy_text_find_line_end(at, end);

    if (stop == end || (*stop == '\r' && stop + 1 == end))
      return at;
    if (stop - at > SY_TEXT_LINE_MAX) {
      at = complete_rest(reader, at, end);
      continue;
    }

    SyTextLine line = {at, at, stop, TRUE};
    gboolean lone_cr = *stop == '\r' && stop[1] != '\n';

    begin = at;
    at = stop + (*stop == '\r' && !lone_cr ? 2 : 1);
    reader->offset += (guint64)(at - begin);
    take_line(reader, &line, BEYOND_BLANKS);
    if (lone_cr)
      tell_lone_cr(reader);
  }
  return at;
}

gboolean sy_text_reader_feed(SyTextReader *reader, const char *text, gsize length)
{
  g_return_val_if_fail(reader && (text || length == 0), FALSE);

  const char *end = text + length;

  reader->text_length += length;
  if (reader->text_length > SY_HEX_TEXT_MAX)
    return FALSE;
  if (is_done(reader) || length == 0)
    return TRUE;
  if (reader->rest_length > 0 || reader->rest_cr)
    text = complete_rest(reader, text, end);
  text = read_lines(reader, text, end);
  if (!is_done(reader) && text < end)
    complete_rest(reader, text, end);
  return TRUE;
}

/* ---- The end ---- */

static void check_end(SyTextReader *reader)
{
  guint line = reader->line;

  if (reader->text_length == 0)
    sy_text_fail(reader, SY_HEX_ERROR_CUT, 0, SY_TEXT_NO_ADDR,
                 _("The file is empty. Get it again."));
  else if (!reader->ended && !reader->stopped)
    sy_text_fail(reader, SY_HEX_ERROR_CUT, 0, SY_TEXT_NO_ADDR,
                 _("the file ends without an end record. It was cut short: get it again."));
  reader->line = reader->text_line;
  if (reader->n_text > 0)
    sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
                 g_dngettext(GETTEXT_PACKAGE,
                             "%u line of other text follows behind the end record. It is passed "
                             "over; other programs may refuse it.",
                             "%u lines of other text follow behind the end record. They are passed "
                             "over; other programs may refuse them.",
                             reader->n_text),
                 reader->n_text);
  reader->line = reader->after_line;
  if (reader->n_after > 0)
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
                 g_dngettext(GETTEXT_PACKAGE,
                             "%u record follows behind the end record; its data are not taken. Two "
                             "files may have been joined: get the file again.",
                             "%u records follow behind the end record; their data are not taken. "
                             "Two files may have been joined: get the file again.",
                             reader->n_after),
                 reader->n_after);
  reader->line = line;
}

static void check_segments(SyTextReader *reader, SyImage *image)
{
  if (!reader->limit && sy_image_get_n_segments(image) > SY_HEX_SEGMENTS_MAX)
    g_set_error(&reader->limit, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT,
                _("line %u: the data lie in more than %d separate pieces, more than this program "
                  "takes."),
                sy_image_get_segment(image, SY_HEX_SEGMENTS_MAX)->line, SY_HEX_SEGMENTS_MAX);
}

gboolean sy_text_reader_end(SyTextReader *reader, SyText *text, GError **error)
{
  g_return_val_if_fail(reader && text, FALSE);

  g_autoptr(SyTextReader) own = reader;

  *text = (SyText){NULL, NULL, NULL};
  if (!sy_hex_check_length(own->text_length, error))
    return FALSE;
  if (!is_done(own) && (own->rest_length > 0 || own->rest_cr)) {
    gboolean lone_cr = own->rest_cr;

    take_rest(own, lone_cr);
    if (lone_cr)
      tell_lone_cr(own);
  }
  check_end(own);

  g_autoptr(SyImage) image = sy_image_builder_end(g_steal_pointer(&own->builder));

  check_segments(own, image);
  if (own->limit) {
    g_propagate_error(error, g_steal_pointer(&own->limit));
    return FALSE;
  }
  sy_line_index_set_n_lines(own->lines, own->line);
  text->image = g_steal_pointer(&image);
  text->problems = g_steal_pointer(&own->problems);
  text->lines = g_steal_pointer(&own->lines);
  return TRUE;
}

/* ---- What formats tell and store ---- */

static void take_problem(SyTextReader *reader, SyProblem problem, const char *format, va_list args)
{
  if (sy_problems_has_room(reader->problems, problem.severity))
    problem.text = g_strdup_vprintf(format, args);
  problem.line = reader->line;
  sy_problems_take(reader->problems, &problem);
}

gboolean sy_text_fail(SyTextReader *reader, SyHexError code, gsize column, guint32 addr,
                      const char *format, ...)
{
  SyProblem problem = {SY_SEVERITY_ERROR, (int)code, 0, (guint)column, addr, NULL};
  va_list args;

  va_start(args, format);
  take_problem(reader, problem, format, args);
  va_end(args);
  return FALSE;
}

void sy_text_warn(SyTextReader *reader, SyHexError code, gsize column, guint32 addr,
                  const char *format, ...)
{
  SyProblem problem = {SY_SEVERITY_WARNING, (int)code, 0, (guint)column, addr, NULL};
  va_list args;

  va_start(args, format);
  take_problem(reader, problem, format, args);
  va_end(args);
}

/* The same bytes again do no harm; others do. One problem for a line is enough. */
static void tell_overlap(SyTextReader *reader, const SyImageOverlap *overlap)
{
  if (overlap->n_clashes > 0)
    sy_text_fail(reader, SY_HEX_ERROR_CLASH, 0, overlap->clash_addr,
                 _("the byte at 0x%08X is given again with another value than in line %u. The file "
                   "contradicts itself: have it built again. Here the first value is kept."),
                 overlap->clash_addr,
                 sy_image_builder_find_line(reader->builder, overlap->clash_addr));
  else if (overlap->n_again > 0)
    sy_text_warn(reader, SY_HEX_ERROR_CLASH, 0, overlap->again_addr,
                 _("the byte at 0x%08X is given again, with the value of line %u. It does no harm, "
                   "but the file was put together oddly."),
                 overlap->again_addr,
                 sy_image_builder_find_line(reader->builder, overlap->again_addr));
}

void sy_text_store(SyTextReader *reader, guint32 addr, const guint8 *bytes, guint length,
                   guint32 wrap_addr, guint n_wrapped)
{
  SyImageOverlap overlap = {0};

  sy_image_builder_add_over(reader->builder, addr, bytes, length - n_wrapped, reader->line,
                            &overlap);
  sy_image_builder_add_over(reader->builder, wrap_addr, bytes + (length - n_wrapped), n_wrapped,
                            reader->line, &overlap);
  tell_overlap(reader, &overlap);
  if (sy_image_builder_get_size(reader->builder) > SY_HEX_DATA_MAX)
    g_set_error(&reader->limit, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT,
                _("line %u: the file holds more than %u MB of data, more than this program takes."),
                reader->line, SY_HEX_DATA_MAX >> 20);
}

void sy_text_set_start(SyTextReader *reader, guint32 start)
{
  if (reader->start_line != 0 && reader->start != start) {
    sy_text_fail(reader, SY_HEX_ERROR_CLASH, 0, start,
                 _("the start address 0x%08X differs from 0x%08X in line %u. The file contradicts "
                   "itself: have it built again. Here the first is kept."),
                 start, reader->start, reader->start_line);
    return;
  }
  if (reader->start_line == 0)
    reader->start_line = reader->line;
  reader->start = start;
  sy_image_builder_set_start(reader->builder, start);
}

void sy_text_fail_past_end(SyTextReader *reader, gsize column, guint32 addr)
{
  sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, column, addr,
               _("the data run past the last address, 0xFFFFFFFF. The file is damaged or was built "
                 "wrongly: get it again. The line is left out."));
}

void sy_text_fail_type_length(SyTextReader *reader, gsize column, const char *type, guint wanted,
                              guint got)
{
  sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, column, SY_TEXT_NO_ADDR,
               _("a record of type %s has %u data bytes, not %u. The line is damaged: get the file "
                 "again."),
               type, wanted, got);
}
