/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What is right or wrong with a program and with a release file. One function a check; the layout
 * of flash and header is asked of firmware/wire.
 */

#include "sy-release-private.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>

#include "sy-vector.h"
#include "wire-bytes.h"

enum {
  NO_ADDR = -1,
  WORD = 4,
  /* Vectors and literals: what the chip copies to RAM and shows at address 0 (UM10114 §2.3.2). */
  WINDOW_SIZE = 0x40,
  VECTORS_SIZE = WIRE_VECTOR_COUNT * WORD,
};

typedef struct {
  SyImage *image;
  const SyProgram *program;
  const WireBankMap *map;
  const char *name; /* of the bank */
  gboolean has_header;
} Subject;

typedef void (*CheckFunc)(const Subject *subject, SyFinding *finding);

static void set_finding(SyFinding *finding, SySeverity severity, gint64 addr, const char *format,
                        ...) G_GNUC_PRINTF(4, 5);

static void set_finding(SyFinding *finding, SySeverity severity, gint64 addr, const char *format,
                        ...)
{
  va_list args;

  finding->severity = severity;
  finding->addr = addr == NO_ADDR ? G_MAXUINT32 : (guint32)addr;
  va_start(args, format);
  finding->text = g_strdup_vprintf(format, args);
  va_end(args);
}

static void set_line(SyImage *image, SyFinding *finding)
{
  finding->line = finding->addr == G_MAXUINT32 ? 0 : sy_image_find_line(image, finding->addr);
}

static guint32 last_addr(const WireBankMap *map)
{
  return map->addr + map->size - 1;
}

static WireBank bank_of(guint32 addr)
{
  return wire_bank_of_range(addr, 1);
}

/* The first vector whose target shows that the program is linked for another bank. */
static gboolean find_stray_vector(const Subject *subject, SyVector *stray, guint *index,
                                  gboolean *any_literal)
{
  WireBank other = wire_bank_other(subject->program->bank);

  *any_literal = FALSE;
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++) {
    SyVector vector = sy_vector_decode(subject->image, subject->map->addr, i);

    if (vector.kind != SY_VECTOR_LITERAL)
      continue;
    *any_literal = TRUE;
    if (bank_of(vector.target) == other) {
      *stray = vector;
      *index = i;
      return TRUE;
    }
  }
  return FALSE;
}

static void check_bank(const Subject *subject, SyFinding *finding)
{
  const WireBankMap *map = subject->map;
  const WireImageHeader *header = &subject->program->header;
  SyVector stray;
  guint index;
  gboolean any_literal;

  if (subject->has_header && header->bank_addr != map->addr)
    set_finding(finding, SY_SEVERITY_ERROR, map->addr,
                _("The program lies in %s (from 0x%05X), but its header says it is linked for %s "
                  "(0x%05X): it would crash when started."),
                subject->name, map->addr, sy_bank_to_string(bank_of(header->bank_addr)),
                header->bank_addr);
  else if (find_stray_vector(subject, &stray, &index, &any_literal))
    set_finding(finding, SY_SEVERITY_ERROR, stray.addr,
                _("The program lies in %s (from 0x%05X), but its %s vector leads to 0x%05X, which "
                  "is in %s: it is linked for %s and would crash when started."),
                subject->name, map->addr, sy_vector_get_name(index), stray.target,
                sy_bank_to_string(bank_of(stray.target)), sy_bank_to_string(bank_of(stray.target)));
  else if (!subject->has_header && !any_literal)
    set_finding(finding, SY_SEVERITY_WARNING, map->addr,
                _("The bytes lie in %s (from 0x%05X), but neither a header nor the vectors say "
                  "what they are linked for."),
                subject->name, map->addr);
  else
    set_finding(finding, SY_SEVERITY_OK, map->addr,
                _("Lies in %s (0x%05X to 0x%05X) and is linked for it."), subject->name, map->addr,
                last_addr(map));
}

/* Which part of the header is wrong: reading it tells only that it is. */
static void explain_header(const Subject *subject, const guint8 *head, SyFinding *finding)
{
  guint32 at = subject->map->addr + WIRE_IMAGE_HEADER_OFFSET;
  WireImageHeader header = {0};

  /* It fails, but fills the fields once magic and format are right. */
  if (wire_image_header_read(head, &header))
    g_return_if_reached();
  if (wire_get_u32(head + WIRE_IMAGE_HEADER_OFFSET) != WIRE_IMAGE_MAGIC)
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("There is no program header at 0x%05X: this is not a program for a substation, "
                  "or it was built without one."),
                at);
  else if (header.bank_addr == 0 && header.length == 0)
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("The program header at 0x%05X has a format that this version of Switchyard does "
                  "not know: a newer one may."),
                at);
  else
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("The program header at 0x%05X says %u bytes from 0x%05X, which is no program "
                  "that fits a bank: the file is damaged or was built wrongly."),
                at, header.length, header.bank_addr);
}

static void check_header(const Subject *subject, SyFinding *finding)
{
  const WireImageHeader *header = &subject->program->header;
  guint32 at = subject->map->addr + WIRE_IMAGE_HEADER_OFFSET;
  const guint8 *head = sy_image_peek(subject->image, subject->map->addr, WIRE_IMAGE_LENGTH_MIN);
  g_autofree char *version = sy_version_to_string(header->version);

  if (subject->has_header)
    set_finding(finding, SY_SEVERITY_OK, at, _("Program header found: “%s”, version %s."),
                header->name, version);
  else if (head)
    explain_header(subject, head, finding);
  else
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("The file does not fill 0x%05X to 0x%05X, where vectors and program header must "
                  "be: it is damaged, or holds no program."),
                subject->map->addr, subject->map->addr + WIRE_IMAGE_LENGTH_MIN - 1);
}

static void check_product(const Subject *subject, SyFinding *finding)
{
  guint32 product = subject->program->header.product;
  guint32 at = subject->map->addr + WIRE_IMAGE_HEADER_OFFSET;
  g_autofree char *name = sy_product_to_string(product);

  if (!subject->has_header)
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("Without a header nothing says which product the program is for."));
  else if (product == 0)
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("The header names no product: no substation would take the program."));
  else
    set_finding(finding, SY_SEVERITY_OK, at, _("Made for product %s."), name);
}

/* The first address of [addr, addr + length) that the file does not hold; FALSE when it holds all.
 */
static gboolean find_gap(SyImage *image, guint32 addr, guint32 length, guint32 *gap)
{
  const SySegment *segment = sy_image_find_segment(image, addr);

  *gap = segment ? (guint32)(segment->addr + segment->length) : addr;
  return *gap - addr < length;
}

static void check_length(const Subject *subject, SyFinding *finding)
{
  const WireBankMap *map = subject->map;
  guint32 length = subject->program->header.length;
  guint32 beyond = 0;
  guint32 gap = 0;

  if (!subject->has_header)
    set_finding(finding, SY_SEVERITY_ERROR, NO_ADDR,
                _("Without a header nothing says how long the program is; the file's bytes end "
                  "%u bytes from the bank's begin."),
                subject->program->length);
  else if (length > map->size)
    set_finding(finding, SY_SEVERITY_ERROR, map->addr,
                _("The program has %u bytes, but %s has room for %u only."), length, subject->name,
                map->size);
  else if (find_gap(subject->image, map->addr, length, &gap))
    set_finding(finding, SY_SEVERITY_ERROR, gap,
                _("The program has %u bytes, but the file holds only %u of them; the first gap is "
                  "at 0x%05X. The file is damaged or was cut."),
                length, (guint)sy_image_count(subject->image, map->addr, length, NULL), gap);
  else if (sy_image_count(subject->image, map->addr + length, map->size - length, &beyond) > 0)
    set_finding(finding, SY_SEVERITY_WARNING, beyond,
                _("The program has %u bytes, but the file holds more in %s, from 0x%05X on; an "
                  "upgrade does not send these."),
                length, subject->name, beyond);
  else if (length > WIRE_RELEASE_SIZE_MAX)
    set_finding(finding, SY_SEVERITY_WARNING, map->addr,
                _("The program has %u bytes and fits LOW only; a release must not exceed %u, or "
                  "it cannot be installed while LOW runs."),
                length, WIRE_RELEASE_SIZE_MAX);
  else
    set_finding(finding, SY_SEVERITY_OK, map->addr,
                _("%u bytes without a gap; %s has room for %u."), length, subject->name, map->size);
}

static void check_crc(const Subject *subject, SyFinding *finding)
{
  const SyProgram *program = subject->program;
  guint32 at = subject->map->addr + WIRE_IMAGE_CRC_OFFSET;
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data(program->bytes, &size);

  if (!subject->has_header || program->header.length != size) {
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("The checksum cannot be checked without a header and a length that fits."));
    return;
  }

  guint32 crc = wire_image_crc(bytes, bytes, program->header.length);

  if (crc != program->header.crc)
    set_finding(finding, SY_SEVERITY_ERROR, at,
                _("The header says CRC %08X, but the program's bytes give %08X: the file is "
                  "damaged or was changed after it was built."),
                program->header.crc, crc);
  else
    set_finding(finding, SY_SEVERITY_OK, at, _("CRC %08X is right."), crc);
}

/* Whether the reset vector is wrong; then says so. */
static gboolean reject_reset(const Subject *subject, SyVector reset, SyFinding *finding)
{
  guint32 base = subject->map->addr;
  guint32 offset = reset.target - base;
  guint32 header_end = WIRE_IMAGE_HEADER_OFFSET + WIRE_IMAGE_HEADER_SIZE;
  gboolean is_jump = reset.kind == SY_VECTOR_LITERAL || reset.kind == SY_VECTOR_BRANCH;

  if (!is_jump)
    set_finding(finding, SY_SEVERITY_ERROR, reset.addr,
                _("The reset vector at 0x%05X is neither a branch nor a load of pc from within "
                  "the program: it would not start."),
                reset.addr);
  else if (offset >= subject->program->length)
    set_finding(finding, SY_SEVERITY_ERROR, reset.addr,
                _("The reset vector at 0x%05X leads to 0x%05X, outside the program (0x%05X to "
                  "0x%05X): it would not start."),
                reset.addr, reset.target, base, base + subject->program->length - 1);
  else if (offset < VECTORS_SIZE || (offset >= WIRE_IMAGE_HEADER_OFFSET && offset < header_end))
    set_finding(finding, SY_SEVERITY_ERROR, reset.addr,
                _("The reset vector at 0x%05X leads to 0x%05X, into the vectors or the header, "
                  "where no code is: the program would not start."),
                reset.addr, reset.target);
  else if (reset.target % WORD != 0)
    set_finding(finding, SY_SEVERITY_ERROR, reset.addr,
                _("The reset vector at 0x%05X leads to 0x%05X, which is no ARM instruction's "
                  "address: the program would not start."),
                reset.addr, reset.target);
  else
    return FALSE;
  return TRUE;
}

/* Whether a vector leads elsewhere once the chip shows a copy of the window at address 0: a branch
 * out of it. Reset is never taken from the copy, and a branch to itself stays harmless. */
static gboolean breaks_when_copied(const Subject *subject, guint index)
{
  SyVector vector = sy_vector_decode(subject->image, subject->map->addr, index);

  return index > 0 && vector.kind == SY_VECTOR_BRANCH &&
         vector.target - subject->map->addr >= WINDOW_SIZE;
}

static void check_vectors(const Subject *subject, SyFinding *finding)
{
  guint32 base = subject->map->addr;
  guint32 at = base + WIRE_VECTOR_SUM_ADDR;
  const guint8 *vectors = sy_image_peek(subject->image, base, VECTORS_SIZE);
  SyVector reset = sy_vector_decode(subject->image, base, 0);

  if (!vectors) {
    set_finding(finding, SY_SEVERITY_ERROR, base,
                _("The file does not hold the eight vectors at 0x%05X: the program would not "
                  "start."),
                base);
    return;
  }
  if (wire_get_u32(vectors + WIRE_VECTOR_SUM_ADDR) != wire_vector_sum(vectors)) {
    set_finding(
        finding, SY_SEVERITY_ERROR, at,
        _("The vector sum at 0x%05X is %08X, but %08X is needed for the eight vectors to sum "
          "to zero. The loader would refuse the program at the end of an upgrade, and the "
          "substation keep the one it runs; the chip's boot ROM looks at sector 0 only. The "
          "build puts this word in, so the file is damaged or was built wrongly."),
        at, wire_get_u32(vectors + WIRE_VECTOR_SUM_ADDR), wire_vector_sum(vectors));
    return;
  }
  if (reject_reset(subject, reset, finding))
    return;
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++)
    if (i * WORD != WIRE_VECTOR_SUM_ADDR && breaks_when_copied(subject, i)) {
      set_finding(finding, SY_SEVERITY_WARNING, base + i * WORD,
                  _("The %s vector at 0x%05X is a relative branch; the chip uses a copy of the "
                    "vectors at address 0, where it leads elsewhere."),
                  sy_vector_get_name(i), base + i * WORD);
      return;
    }
  set_finding(finding, SY_SEVERITY_OK, base,
              _("The vectors sum to zero, as the loader wants, and reset leads to 0x%05X in the "
                "program."),
              reset.target);
}

/* Code read protection levels (UM10114 §21.8, table 301). */
static const struct {
  guint32 word;
  const char *name;
} protections[] = {
    {0x12345678, "CRP1"},
    {0x87654321, "CRP2"},
    {0x43218765, "CRP3"},
};

static void check_protection(SyImage *image, SyFinding *finding)
{
  guint8 bytes[WORD];
  guint32 present = sy_image_copy(image, WIRE_CRP_ADDR, WORD, 0xff, bytes);
  guint32 word = wire_get_u32(bytes);

  for (guint i = 0; i < G_N_ELEMENTS(protections); i++)
    if (word == protections[i].word) {
      set_finding(finding, SY_SEVERITY_ERROR, WIRE_CRP_ADDR,
                  _("The word at 0x%03X is %08X, code read protection %s: it would lock the chip "
                    "for good."),
                  WIRE_CRP_ADDR, word, protections[i].name);
      return;
    }
  if (present == 0)
    set_finding(finding, SY_SEVERITY_OK, NO_ADDR,
                _("The file leaves 0x%03X alone, the only place where a word can lock the chip."),
                WIRE_CRP_ADDR);
  else
    set_finding(finding, SY_SEVERITY_OK, WIRE_CRP_ADDR,
                _("The word at 0x%03X is %08X and does not lock the chip."), WIRE_CRP_ADDR, word);
}

static void check_crp(const Subject *subject, SyFinding *finding)
{
  check_protection(subject->image, finding);
}

static const CheckFunc checks[SY_CHECK_COUNT] = {
    [SY_CHECK_BANK] = check_bank,       [SY_CHECK_HEADER] = check_header,
    [SY_CHECK_PRODUCT] = check_product, [SY_CHECK_LENGTH] = check_length,
    [SY_CHECK_CRC] = check_crc,         [SY_CHECK_VECTORS] = check_vectors,
    [SY_CHECK_CRP] = check_crp,
};

void sy_release_check_program(SyImage *image, const SyProgram *program, SyFinding *findings)
{
  Subject subject = {
      .image = image,
      .program = program,
      .map = wire_bank_map(program->bank),
      .name = sy_bank_to_string(program->bank),
      .has_header = program->header.length != 0,
  };

  for (guint i = 0; i < SY_CHECK_COUNT; i++) {
    findings[i].check = i;
    checks[i](&subject, &findings[i]);
    set_line(image, &findings[i]);
  }
}

static SyFinding *add_finding(GArray *findings, SyCheck check)
{
  SyFinding finding = {.check = check, .addr = G_MAXUINT32};

  g_array_append_val(findings, finding);
  return &g_array_index(findings, SyFinding, findings->len - 1);
}

static void check_no_program(SyImage *image, GArray *findings)
{
  const WireBankMap *low = wire_bank_map(WIRE_BANK_LOW);
  const WireBankMap *high = wire_bank_map(WIRE_BANK_HIGH);
  SyFinding finding = {0};

  if (sy_image_get_size(image) == 0)
    set_finding(add_finding(findings, SY_CHECK_BANK), SY_SEVERITY_ERROR, NO_ADDR,
                _("The file holds no data at all."));
  else
    set_finding(add_finding(findings, SY_CHECK_BANK), SY_SEVERITY_ERROR, NO_ADDR,
                _("The file holds no program: not one byte lies in LOW (0x%05X to 0x%05X) or HIGH "
                  "(0x%05X to 0x%05X)."),
                low->addr, last_addr(low), high->addr, last_addr(high));
  /* With a program the word is among its checks. */
  check_protection(image, &finding);
  if (finding.severity == SY_SEVERITY_ERROR)
    set_finding(add_finding(findings, SY_CHECK_CRP), SY_SEVERITY_ERROR, WIRE_CRP_ADDR, "%s",
                finding.text);
  g_free(finding.text);
}

static void check_outside(SyImage *image, GArray *findings)
{
  guint32 addr = 0;
  guint64 count = sy_image_count(image, WIRE_FLASH_SIZE, G_MAXUINT32, &addr);

  if (count > 0)
    set_finding(add_finding(findings, SY_CHECK_BANK), SY_SEVERITY_WARNING, addr,
                _("%lu bytes from 0x%08X on lie outside the chip's flash, which ends at 0x%05X; an "
                  "upgrade does not send them."),
                (gulong)count, addr, WIRE_FLASH_SIZE - 1);
  count = sy_image_count(image, WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE, WIRE_SECTOR_SIZE, &addr);
  if (count > 0)
    set_finding(add_finding(findings, SY_CHECK_BANK), SY_SEVERITY_WARNING, addr,
                _("%lu bytes from 0x%05X on lie in sector %d, where the chip's own boot loader is; "
                  "they can never be written."),
                (gulong)count, addr, WIRE_BOOT_SECTOR);
}

static void check_factory(SyImage *image, GArray *findings)
{
  gboolean factory = sy_image_count(image, WIRE_JUMP_ADDR, WIRE_SECTOR_SIZE, NULL) > 0;
  const guint8 *vectors = sy_image_peek(image, WIRE_JUMP_ADDR, VECTORS_SIZE);
  guint32 addr = 0;

  if (factory)
    set_finding(add_finding(findings, SY_CHECK_BANK), SY_SEVERITY_OK, WIRE_JUMP_ADDR,
                _("This is a factory file: it also fills sector 0, where jump program and loader "
                  "are; an upgrade sends the program only."));
  else if (sy_image_count(image, WIRE_RECORD_ADDR, WIRE_SECTOR_SIZE, &addr) > 0)
    set_finding(add_finding(findings, SY_CHECK_BANK), SY_SEVERITY_WARNING, addr,
                _("The file holds bytes for sector %d, the substation's bank record, but not for "
                  "sector 0; an upgrade does not send them."),
                WIRE_RECORD_SECTOR);
  if (factory &&
      (!vectors || wire_get_u32(vectors + WIRE_VECTOR_SUM_ADDR) != wire_vector_sum(vectors)))
    set_finding(
        add_finding(findings, SY_CHECK_VECTORS), SY_SEVERITY_WARNING,
        WIRE_JUMP_ADDR + WIRE_VECTOR_SUM_ADDR,
        _("The eight vectors in sector 0 do not sum to zero: a board made with this file "
          "would stay in the chip's boot ROM and start nothing, neither loader nor program. "
          "Upgrades are not touched by this: they never write sector 0."));
}

static void check_halves(const SyProgram *low, const SyProgram *high, GArray *findings)
{
  g_autofree char *low_version = sy_version_to_string(low->header.version);
  g_autofree char *high_version = sy_version_to_string(high->header.version);
  g_autofree char *low_product = sy_product_to_string(low->header.product);
  g_autofree char *high_product = sy_product_to_string(high->header.product);

  /* A half without a header has its own findings. */
  if (low->header.length == 0 || high->header.length == 0)
    return;
  if (low->header.product != high->header.product)
    set_finding(add_finding(findings, SY_CHECK_PRODUCT), SY_SEVERITY_ERROR, NO_ADDR,
                _("The LOW half is for product %s, the HIGH half for %s: two different releases "
                  "were merged."),
                low_product, high_product);
  else if (low->header.version != high->header.version)
    set_finding(add_finding(findings, SY_CHECK_HEADER), SY_SEVERITY_WARNING, NO_ADDR,
                _("The LOW half is version %s, the HIGH half %s: which one a substation gets "
                  "depends on its idle bank."),
                low_version, high_version);
}

void sy_release_check_file(SyImage *image, const SyProgram *low, const SyProgram *high,
                           GArray *findings)
{
  if (!low && !high)
    check_no_program(image, findings);
  if (low && high)
    check_halves(low, high, findings);
  check_factory(image, findings);
  check_outside(image, findings);
  for (guint i = 0; i < findings->len; i++)
    set_line(image, &g_array_index(findings, SyFinding, i));
}

void sy_release_check_text(SyProblems *problems, GArray *findings)
{
  guint64 n_errors = sy_problems_count(problems, SY_SEVERITY_ERROR);
  guint64 n_warnings = sy_problems_count(problems, SY_SEVERITY_WARNING);
  guint n_more = (guint)(n_errors > 0 ? n_errors : n_warnings) - 1;
  const SyProblem *first = n_errors > 0     ? sy_problems_get_first_error(problems)
                           : n_warnings > 0 ? sy_problems_get(problems, 0)
                                            : NULL;

  if (!first)
    return;

  g_autofree char *sentence = sy_problem_dup_sentence(first);
  SyFinding finding = {
      .check = SY_CHECK_BANK,
      .severity = first->severity,
      .addr = first->addr,
      .line = first->line,
  };

  finding.text = n_more == 0
                     ? g_strdup(sentence)
                     : g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%s And %u more problem.",
                                                   "%s And %u more problems.", n_more),
                                       sentence, n_more);
  g_array_prepend_val(findings, finding);
}
