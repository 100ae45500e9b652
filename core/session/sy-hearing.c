/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What to make of a line on which no substation answered. */

#include "sy-hearing.h"

enum {
  NOISE_MAX = 2,   /* bytes that plugging in a cable makes */
  LETTERS_MIN = 5, /* fewer are letters by chance too often */
  SHORT_MAX = 15,  /* bytes of which all must be letters */
  QUOTE_LETTERS = 40,
};

/* A sample may end in the middle of a letter. */
static char *dup_text(const SyHearing *hearing)
{
  gsize length = MIN(hearing->bytes, SY_HEARING_SAMPLE);
  const char *bytes = (const char *)hearing->sample;
  const char *end;

  if (length == SY_HEARING_SAMPLE && !g_utf8_validate(bytes, (gssize)length, &end) &&
      bytes + length - end < 4)
    length = (gsize)(end - bytes);
  return g_utf8_make_valid(bytes, (gssize)length);
}

/* Letters of the text, and how many of them a terminal would show. */
static void count_letters(const char *text, guint *all, guint *shown)
{
  *all = *shown = 0;
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    gunichar letter = g_utf8_get_char(at);

    (*all)++;
    /* U+FFFD stands for what is no text; 0x1b begins a terminal's commands. */
    if (letter != 0xfffd &&
        (g_unichar_isprint(letter) || g_unichar_isspace(letter) || letter == 0x1b))
      (*shown)++;
  }
}

static gboolean is_text(const SyHearing *hearing)
{
  g_autofree char *text = dup_text(hearing);
  guint all, shown;

  count_letters(text, &all, &shown);
  if (shown < LETTERS_MIN)
    return FALSE;
  return all <= SHORT_MAX ? shown == all : shown * 10 >= all * 9;
}

SyTroubleKind sy_hearing_judge(const SyHearing *hearing)
{
  if (hearing->frames > 0)
    return hearing->echoes == hearing->frames ? SY_TROUBLE_ECHO : SY_TROUBLE_NOT_HEARD;
  if (hearing->bytes <= NOISE_MAX)
    return SY_TROUBLE_SILENT;
  return is_text(hearing) ? SY_TROUBLE_NOT_A_SUBSTATION : SY_TROUBLE_WRONG_RATE;
}

char *sy_hearing_dup_quote(const SyHearing *hearing)
{
  g_autofree char *text = dup_text(hearing);
  GString *quote = g_string_new(NULL);
  guint letters = 0;

  for (const char *at = text; *at && letters < QUOTE_LETTERS; at = g_utf8_next_char(at)) {
    gunichar letter = g_utf8_get_char(at);
    gboolean space = g_unichar_isspace(letter);

    if (letter == 0xfffd || !(space || g_unichar_isprint(letter)))
      continue;
    if (space && (quote->len == 0 || quote->str[quote->len - 1] == ' '))
      continue;
    g_string_append_unichar(quote, space ? ' ' : letter);
    letters++;
  }
  return g_strchomp(g_string_free(quote, FALSE));
}

SyTrouble *sy_result_find_trouble(const SyResult *result, const char *port)
{
  g_autofree char *quote = NULL;
  SyTroubleKind kind;

  if (result->reason == SY_REASON_LINK_LOST)
    return sy_trouble_find(SY_TROUBLE_GONE, port, NULL);
  if (result->reason != SY_REASON_SILENT || result->identified)
    return NULL;
  kind = sy_hearing_judge(&result->hearing);
  quote = kind == SY_TROUBLE_NOT_A_SUBSTATION ? sy_hearing_dup_quote(&result->hearing) : NULL;
  return sy_trouble_find(kind, port, quote);
}
