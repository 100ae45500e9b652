/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What refusals mean, and how many there were of each; how good the line is. */

#include "sy-text.h"

#include "sy-release.h"

#include <glib/gi18n-lib.h>

static char *dup_self_test_text(guint32 failed)
{
  if (failed == 0)
    return g_strdup(_("its self-test is not done yet"));
  if (failed & WIRE_SELF_TEST_IMAGE)
    return g_strdup(_("its self-test failed: its own checksum is wrong"));
  if (failed & WIRE_SELF_TEST_INPUTS)
    return g_strdup(_("its self-test failed: an analog input does not answer"));
  return g_strdup_printf(_("its self-test failed (0x%02x)"), failed);
}

char *sy_nak_dup_text(const WireNak *nak)
{
  guint32 detail = nak->detail;
  g_autofree char *product = NULL;

  switch ((WireCause)nak->cause) {
  case WIRE_CAUSE_UNKNOWN_TYPE:
    return g_strdup_printf(_("it does not know message 0x%02x"), detail);
  case WIRE_CAUSE_BAD_LENGTH:
    return g_strdup_printf(_("a message of %u bytes is too short"), detail);
  case WIRE_CAUSE_NOT_NOW:
    return g_strdup(_("the message came at the wrong time"));
  case WIRE_CAUSE_WRONG_PRODUCT:
    product = sy_product_to_string(detail);
    return g_strdup_printf(_("the program is for another product; this one is %s"), product);
  case WIRE_CAUSE_WRONG_BANK:
    return g_strdup_printf(_("only bank %s may be written"), sy_bank_to_string((WireBank)detail));
  case WIRE_CAUSE_WRONG_SIZE:
    return g_strdup_printf(_("the program does not fit: the bank holds %u bytes"), detail);
  case WIRE_CAUSE_OUT_OF_RANGE:
    return g_strdup_printf(_("the block is outside the program of %u blocks"), detail);
  case WIRE_CAUSE_BAD_ENCODING:
    return g_strdup(_("it does not know this way to begin"));
  case WIRE_CAUSE_ERASE_FAILED:
    return g_strdup_printf(_("erasing flash failed (IAP status %u)"), detail);
  case WIRE_CAUSE_PROGRAM_FAILED:
    if (detail >> 16 != 0)
      return g_strdup_printf(
          _("flash block %u could not be programmed in three attempts (IAP status %u)"),
          detail & 0xffff, detail >> 16);
    return g_strdup_printf(_("flash block %u did not hold what was programmed, in three attempts"),
                           detail);
  case WIRE_CAUSE_INCOMPLETE:
    return g_strdup_printf(_("block %u is still missing"), detail);
  case WIRE_CAUSE_BAD_IMAGE:
    return g_strdup(_("the program's header is not the one announced"));
  case WIRE_CAUSE_IMAGE_CRC:
    return g_strdup(_("the checksum over what lies in flash is wrong"));
  case WIRE_CAUSE_RECORD_FAILED:
    return g_strdup(_("the record log takes no more records; an upgrade empties it"));
  case WIRE_CAUSE_DAMAGED:
    return g_strdup(_("it arrived damaged"));
  case WIRE_CAUSE_ON_TRIAL:
    return g_strdup(_("the running program is on trial and must be confirmed or left first"));
  case WIRE_CAUSE_SELF_TEST:
    return dup_self_test_text(detail);
  case WIRE_CAUSE_WRONG_IMAGE:
    return g_strdup_printf(_("another program runs (checksum 0x%08x)"), detail);
  case WIRE_CAUSE_NO_OTHER:
    return g_strdup(_("the other bank holds no whole program"));
  case WIRE_CAUSE_BAD_RATE:
    return g_strdup_printf(_("its line cannot make %u baud"), detail);
  case WIRE_CAUSE_UNPACKABLE:
    return g_strdup_printf(_("block %u needs others that did not arrive"), detail);
  case WIRE_CAUSE_NONE:
  default:
    return g_strdup_printf(_("unknown cause %u"), nak->cause);
  }
}

/* Translators: behind each of these stands how often it happened. */
const char *sy_cause_get_label(guint cause)
{
  switch ((WireCause)cause) {
  case WIRE_CAUSE_UNKNOWN_TYPE:
    return _("unknown message");
  case WIRE_CAUSE_BAD_LENGTH:
    return _("too short");
  case WIRE_CAUSE_NOT_NOW:
    return _("not now");
  case WIRE_CAUSE_WRONG_PRODUCT:
    return _("wrong product");
  case WIRE_CAUSE_WRONG_BANK:
    return _("wrong bank");
  case WIRE_CAUSE_WRONG_SIZE:
    return _("wrong size");
  case WIRE_CAUSE_OUT_OF_RANGE:
    return _("out of range");
  case WIRE_CAUSE_BAD_ENCODING:
    return _("unknown way to begin");
  case WIRE_CAUSE_ERASE_FAILED:
    return _("erase failed");
  case WIRE_CAUSE_PROGRAM_FAILED:
    return _("flash failed");
  case WIRE_CAUSE_INCOMPLETE:
    return _("blocks missing");
  case WIRE_CAUSE_BAD_IMAGE:
    return _("wrong header");
  case WIRE_CAUSE_IMAGE_CRC:
    return _("wrong checksum");
  case WIRE_CAUSE_RECORD_FAILED:
    return _("record log full");
  case WIRE_CAUSE_DAMAGED:
    return _("arrived damaged");
  case WIRE_CAUSE_ON_TRIAL:
    return _("on trial");
  case WIRE_CAUSE_SELF_TEST:
    return _("self-test");
  case WIRE_CAUSE_WRONG_IMAGE:
    return _("another program");
  case WIRE_CAUSE_NO_OTHER:
    return _("no other program");
  case WIRE_CAUSE_BAD_RATE:
    return _("rate");
  case WIRE_CAUSE_UNPACKABLE:
    return _("can’t be unpacked");
  case WIRE_CAUSE_NONE:
  default:
    return _("another cause");
  }
}

const char *sy_cause_get_key(guint cause)
{
  static const char *const keys[SY_CAUSE_COUNT] = {
      [WIRE_CAUSE_NONE] = "other",
      [WIRE_CAUSE_UNKNOWN_TYPE] = "unknown-type",
      [WIRE_CAUSE_BAD_LENGTH] = "bad-length",
      [WIRE_CAUSE_NOT_NOW] = "not-now",
      [WIRE_CAUSE_WRONG_PRODUCT] = "wrong-product",
      [WIRE_CAUSE_WRONG_BANK] = "wrong-bank",
      [WIRE_CAUSE_WRONG_SIZE] = "wrong-size",
      [WIRE_CAUSE_OUT_OF_RANGE] = "out-of-range",
      [WIRE_CAUSE_BAD_ENCODING] = "bad-encoding",
      [WIRE_CAUSE_ERASE_FAILED] = "erase-failed",
      [WIRE_CAUSE_PROGRAM_FAILED] = "program-failed",
      [WIRE_CAUSE_INCOMPLETE] = "incomplete",
      [WIRE_CAUSE_BAD_IMAGE] = "bad-image",
      [WIRE_CAUSE_IMAGE_CRC] = "image-crc",
      [WIRE_CAUSE_RECORD_FAILED] = "record-failed",
      [WIRE_CAUSE_DAMAGED] = "damaged",
      [WIRE_CAUSE_ON_TRIAL] = "on-trial",
      [WIRE_CAUSE_SELF_TEST] = "self-test",
      [WIRE_CAUSE_WRONG_IMAGE] = "wrong-image",
      [WIRE_CAUSE_NO_OTHER] = "no-other",
      [WIRE_CAUSE_BAD_RATE] = "bad-rate",
      [WIRE_CAUSE_UNPACKABLE] = "unpackable",
  };

  return keys[cause];
}

char *sy_counts_dup_refusals_text(const SyCounts *counts)
{
  g_autoptr(GString) causes = g_string_new(NULL);
  g_autofree char *refusals = g_strdup_printf(
      g_dngettext(GETTEXT_PACKAGE, "%u refusal", "%u refusals", counts->naks), counts->naks);

  if (counts->naks == 0)
    return NULL;
  for (guint cause = 0; cause < SY_CAUSE_COUNT; cause++)
    if (counts->naks_by_cause[cause] > 0)
      g_string_append_printf(causes, "%s%s %u", causes->len > 0 ? ", " : "",
                             sy_cause_get_label(cause), counts->naks_by_cause[cause]);
  /* Translators: "2 refusals", then what for and how often, as in "arrived damaged 1, not now 1".
   */
  return g_strdup_printf(_("%s (%s)"), refusals, causes->str);
}

const char *sy_link_quality_get_label(SyLinkQuality quality)
{
  switch (quality) {
  case SY_LINK_QUALITY_GOOD:
    return _("good");
  case SY_LINK_QUALITY_FAIR:
    return _("fair");
  case SY_LINK_QUALITY_POOR:
    return _("poor");
  case SY_LINK_QUALITY_DEAD:
    return _("dead");
  case SY_LINK_QUALITY_UNKNOWN:
  default:
    return NULL;
  }
}

const char *sy_link_quality_get_key(SyLinkQuality quality)
{
  static const char *const keys[] = {NULL, "good", "fair", "poor", "dead"};

  return keys[quality];
}
