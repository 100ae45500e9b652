/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyRelease: a hex file understood. Which programs it holds, for which bank, and what is right or
 * wrong with each; before anything is connected.
 *
 * Immutable, reference counted, any thread. Texts are translated when they are made.
 */

#pragma once

#include "sy-image-file.h"
#include "wire-image.h"

G_BEGIN_DECLS

typedef struct _SyRelease SyRelease;

#define SY_TYPE_RELEASE (sy_release_get_type())
GType sy_release_get_type(void);

SyRelease *sy_release_ref(SyRelease *release);
void sy_release_unref(SyRelease *release);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyRelease, sy_release_unref)

/* What a check looked at. The list for a program is always the whole list in this order, so a
 * person sees what was looked at even when all is well. */
typedef enum {
  SY_CHECK_BANK,    /* lies in one bank, linked for it: header and vectors agree */
  SY_CHECK_HEADER,  /* magic, format */
  SY_CHECK_PRODUCT, /* made for this product */
  SY_CHECK_LENGTH,  /* header's length is there without a gap and fits the bank and a release */
  SY_CHECK_CRC,     /* of the whole image */
  SY_CHECK_VECTORS, /* vector sum at 0x14, reset vector points into the image */
  SY_CHECK_CRP,     /* no code read protection word anywhere it would act */
  SY_CHECK_COUNT,
} SyCheck;

typedef struct {
  SyCheck check;
  SySeverity severity;
  char *text;   /* one sentence for a person: what was found and, if wrong, what it means */
  guint32 addr; /* where, or G_MAXUINT32 */
  guint line;   /* of the file that gave the byte at addr, or 0 where none did */
} SyFinding;

/* One program in the file. */
typedef struct {
  WireBank bank;
  WireImageHeader header;    /* zeroes when it has none */
  guint32 addr;              /* of the bank */
  guint32 length;            /* bytes to send: the header's length, or what is there without one */
  GBytes *bytes;             /* `length` of them, gaps filled with 0xFF */
  const SyFinding *findings; /* SY_CHECK_COUNT of them */
  gboolean usable;           /* no finding is an error */
} SyProgram;

/* Understands an image. Never fails: what is wrong stands in the findings. `name` is the file's
 * name for people, may be NULL. */
SyRelease *sy_release_new(SyImage *image, const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* sy_image_file_load with its format told by how it begins, and sy_release_new_from_file in one,
 * blocking. Strict: a file with an error among its problems is refused with the first of them, as
 * sy_hex_load does. */
SyRelease *sy_release_load(GFile *file, GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Understands a file that was opened. What is wrong with its text stands first among the findings
 * about the file, so that none of it is sent; what is only odd is a warning there. */
SyRelease *sy_release_new_from_file(SyImageFile *file) G_GNUC_WARN_UNUSED_RESULT;
/* NULL when it was made of an image alone. */
SyImageFile *sy_release_get_file(SyRelease *release);

SyImage *sy_release_get_image(SyRelease *release);
const char *sy_release_get_name(SyRelease *release);
/* The program for a bank, NULL when the file has no byte there. Borrowed. */
const SyProgram *sy_release_get_program(SyRelease *release, WireBank bank);
/* The newest version among usable programs, 0 with none. */
guint32 sy_release_get_version(SyRelease *release);
/* True when the file also fills sector 0: a factory file. */
gboolean sy_release_is_factory(SyRelease *release);

/* Findings about the file as a whole, e.g. "holds no program", "bytes outside any bank". Their
 * `check` names the nearest kin among the checks. Often there is none. */
guint sy_release_get_n_findings(SyRelease *release);
const SyFinding *sy_release_get_finding(SyRelease *release, guint index);

/* What is wrong with the file as a whole, whatever the substation: the first such finding's text,
 * or NULL. No program of such a file may be sent. */
const char *sy_release_get_error(SyRelease *release);

/* The bank that an upgrade writes: the one that does not run; with no program running LOW if the
 * file has a usable program for it, else HIGH. */
WireBank sy_release_choose_bank(SyRelease *release, WireBank running);

/* The program to send, borrowed from the release, or NULL with an error.
 *
 * Whether this file can upgrade a substation of `product` whose idle bank is `idle`. The
 * error says what is wrong and what to do: "The file holds a program for LOW only; this substation
 * runs LOW, so HIGH must be written. Open the release with both halves." */
#define SY_RELEASE_ERROR (sy_release_error_quark())
GQuark sy_release_error_quark(void);
typedef enum {
  SY_RELEASE_ERROR_BANK,    /* none for the idle bank, or linked for the other: open another file */
  SY_RELEASE_ERROR_PRODUCT, /* for another product: open another file */
  SY_RELEASE_ERROR_DAMAGED, /* the program fails a check: get the file again */
} SyReleaseError;
const SyProgram *sy_release_pick(SyRelease *release, guint32 product, WireBank idle,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "1.1.0"; free with g_free. */
char *sy_version_to_string(guint32 version);
/* "DSS1" for a number that is four letters, else "0x00000007"; free with g_free. */
char *sy_product_to_string(guint32 product);
/* "LOW", "HIGH" or "none", as the command line and the window say it. Not translated. */
const char *sy_bank_to_string(WireBank bank);

G_END_DECLS
