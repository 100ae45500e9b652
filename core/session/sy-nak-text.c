/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What refusals mean. */

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
