/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The fields that people and the chip look for in a release. What is right or wrong with them the
 * checks have found already; here it is only put where it belongs.
 */

#include "sy-annotation-private.h"

#include <glib/gi18n-lib.h>

#include "sy-vector.h"
#include "wire-bytes.h"
#include "wire-image-layout.h"
#include "wire-message.h"

enum { WORD = 4, LITERALS_END = WIRE_IMAGE_HEADER_OFFSET };

typedef struct {
  SyImage *image;
  const SyProgram *program; /* NULL outside the banks */
  GArray *fields;
} Collector;

/* Takes over `name` and `value`. */
static SyAnnotation *take_field(Collector *to, guint32 addr, guint32 length, char *name,
                                char *value, SySeverity severity)
{
  const SyAnnotation field = {
      .addr = addr, .length = length, .name = name, .value = value, .severity = severity};

  g_array_append_val(to->fields, field);
  return &g_array_index(to->fields, SyAnnotation, to->fields->len - 1);
}

static void add_field(Collector *to, guint32 addr, guint32 length, const char *name, char *value,
                      SySeverity severity)
{
  take_field(to, addr, length, g_strdup(name), value, severity);
}

/* What a check said, if it spoke of this address. */
static SySeverity ask_check(const SyProgram *program, SyCheck check, guint32 addr)
{
  const SyFinding *finding = program ? &program->findings[check] : NULL;

  return finding && finding->addr == addr ? finding->severity : SY_SEVERITY_OK;
}

/* A target in the other bank: linked for it. */
static SySeverity judge_target(const SyProgram *program, SyVector vector)
{
  if (program && vector.kind == SY_VECTOR_LITERAL &&
      wire_bank_of_range(vector.target, 1) == wire_bank_other(program->bank))
    return SY_SEVERITY_ERROR;
  return ask_check(program, SY_CHECK_VECTORS, vector.addr);
}

static char *dup_vector_value(SyVector vector, guint32 word)
{
  switch (vector.kind) {
  case SY_VECTOR_LITERAL:
    return g_strdup_printf(_("→ 0x%05X"), vector.target);
  case SY_VECTOR_BRANCH:
    return g_strdup_printf(_("→ 0x%05X, a relative branch"), vector.target);
  case SY_VECTOR_VIC:
    return g_strdup(_("to where the interrupt controller says"));
  case SY_VECTOR_MISSING:
    return g_strdup(_("loads its target from where the file has no byte"));
  case SY_VECTOR_OTHER:
  default:
    return g_strdup_printf(_("%08X, no jump"), word);
  }
}

static void add_vector(Collector *to, guint32 base, guint index)
{
  SyVector vector = sy_vector_decode(to->image, base, index);
  const guint8 *bytes = sy_image_peek(to->image, vector.addr, WORD);
  SyAnnotation *field;

  if (!bytes)
    return;
  /* Translators: "reset vector". */
  field =
      take_field(to, vector.addr, WORD, g_strdup_printf(_("%s vector"), sy_vector_get_name(index)),
                 dup_vector_value(vector, wire_get_u32(bytes)), judge_target(to->program, vector));
  field->has_target = vector.kind == SY_VECTOR_LITERAL || vector.kind == SY_VECTOR_BRANCH;
  field->target_addr = vector.target;
}

/* A wrong sum in sector 0 does not touch upgrades, but in a bank it does. */
static void add_vector_sum(Collector *to, guint32 base)
{
  guint32 addr = base + WIRE_VECTOR_SUM_ADDR;
  const guint8 *vectors = sy_image_peek(to->image, base, WIRE_VECTOR_COUNT * WORD);
  guint32 needed = vectors ? wire_vector_sum(vectors) : 0;

  if (sy_image_count(to->image, addr, WORD, NULL) < WORD)
    return;
  if (!vectors)
    add_field(to, addr, WORD, sy_vector_get_name(WIRE_VECTOR_SUM_ADDR / WORD),
              g_strdup(_("not known: vectors are missing")), SY_SEVERITY_ERROR);
  else if (wire_get_u32(vectors + WIRE_VECTOR_SUM_ADDR) == needed)
    add_field(to, addr, WORD, sy_vector_get_name(WIRE_VECTOR_SUM_ADDR / WORD), g_strdup(_("right")),
              SY_SEVERITY_OK);
  else
    add_field(to, addr, WORD, sy_vector_get_name(WIRE_VECTOR_SUM_ADDR / WORD),
              g_strdup_printf(_("wrong, %08X is needed"), needed),
              to->program ? SY_SEVERITY_ERROR : SY_SEVERITY_WARNING);
}

/* Which vector loads its target from `addr`; WIRE_VECTOR_COUNT for none. */
static guint find_loader_of(SyImage *image, guint32 base, guint32 addr)
{
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++) {
    const guint8 *bytes = sy_image_peek(image, base + i * WORD, WORD);
    SyVector vector = sy_vector_decode(image, base, i);

    /* pc reads as two instructions ahead, so the usual vector's 0x18 is 0x20 from itself. */
    if (bytes && vector.kind == SY_VECTOR_LITERAL && wire_get_u32(bytes) & 0x00800000u &&
        vector.addr + 2 * WORD + (wire_get_u32(bytes) & 0xfffu) == addr)
      return i;
  }
  return WIRE_VECTOR_COUNT;
}

static void add_literals(Collector *to, guint32 base)
{
  for (guint32 addr = base + WIRE_VECTOR_COUNT * WORD; addr < base + LITERALS_END; addr += WORD) {
    guint index = find_loader_of(to->image, base, addr);
    SyAnnotation *field;
    SyVector vector;

    if (index == WIRE_VECTOR_COUNT)
      continue;
    vector = sy_vector_decode(to->image, base, index);
    /* Translators: the word that a vector loads: "target of the reset vector". */
    field = take_field(
        to, addr, WORD, g_strdup_printf(_("target of the %s vector"), sy_vector_get_name(index)),
        g_strdup_printf(_("→ 0x%05X"), vector.target), judge_target(to->program, vector));
    field->has_target = TRUE;
    field->target_addr = vector.target;
  }
}

static void add_vectors(Collector *to, guint32 base)
{
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++)
    if (i * WORD == WIRE_VECTOR_SUM_ADDR)
      add_vector_sum(to, base);
    else
      add_vector(to, base, i);
  add_literals(to, base);
}

/* The checks' word on code read protection: only they know the words that lock. */
static SySeverity judge_protection(SyRelease *release)
{
  SySeverity worst = SY_SEVERITY_OK;

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    worst =
        MAX(worst, ask_check(sy_release_get_program(release, bank), SY_CHECK_CRP, WIRE_CRP_ADDR));
  for (guint i = 0; i < sy_release_get_n_findings(release); i++) {
    const SyFinding *finding = sy_release_get_finding(release, i);

    if (finding->check == SY_CHECK_CRP)
      worst = MAX(worst, finding->severity);
  }
  return worst;
}

static void add_protection(Collector *to, SyRelease *release)
{
  const guint8 *bytes = sy_image_peek(to->image, WIRE_CRP_ADDR, WORD);
  SySeverity severity = judge_protection(release);

  if (!bytes)
    return;
  add_field(to, WIRE_CRP_ADDR, WORD, _("code read protection"),
            severity == SY_SEVERITY_OK
                ? g_strdup_printf(_("%08X, does not lock the chip"), wire_get_u32(bytes))
                : g_strdup_printf(_("%08X, locks the chip for good"), wire_get_u32(bytes)),
            severity);
}

static void add_image_crc(Collector *to, const WireImageHeader *header)
{
  guint32 addr = to->program->addr + WIRE_IMAGE_CRC_OFFSET;
  SySeverity severity = ask_check(to->program, SY_CHECK_CRC, addr);
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data(to->program->bytes, &size);
  char *value;

  if (severity == SY_SEVERITY_OK)
    value = g_strdup_printf(_("%08X, right"), header->crc);
  else if (to->program->header.length != 0 && header->length == size)
    value = g_strdup_printf(_("%08X, wrong: the bytes give %08X"), header->crc,
                            wire_image_crc(bytes, bytes, header->length));
  else
    value = g_strdup_printf(_("%08X, cannot be checked"), header->crc);
  add_field(to, addr, WORD, _("CRC-32 of the program"), value, severity);
}

static void add_header_fields(Collector *to, const WireImageHeader *header)
{
  const SyProgram *program = to->program;
  guint32 base = program->addr;
  WireBank bank = wire_bank_of_range(header->bank_addr, 1);
  g_autofree char *name = g_strdup(header->name);

  /* From a file that nobody vouches for. */
  for (char *c = name; *c; c++)
    if (!g_ascii_isprint(*c))
      *c = '?';
  add_field(to, base + HEADER_FORMAT + 2, 2, _("header size"),
            g_strdup_printf(_("%d bytes"), WIRE_IMAGE_HEADER_SIZE), SY_SEVERITY_OK);
  add_field(to, base + HEADER_PRODUCT, WORD, _("product"), sy_product_to_string(header->product),
            ask_check(program, SY_CHECK_PRODUCT, base + HEADER_MAGIC));
  add_field(to, base + HEADER_VERSION, WORD, _("version"), sy_version_to_string(header->version),
            SY_SEVERITY_OK);
  add_field(to, base + HEADER_LENGTH, WORD, _("length"),
            g_strdup_printf(ngettext("%u byte", "%u bytes", header->length), header->length),
            wire_image_header_fits(header, bank) ? program->findings[SY_CHECK_LENGTH].severity
                                                 : SY_SEVERITY_ERROR);
  add_field(to, base + HEADER_BANK_ADDR, WORD, _("linked for"),
            g_strdup_printf("%s, 0x%05X", sy_bank_to_string(bank), header->bank_addr),
            header->bank_addr == program->addr ? SY_SEVERITY_OK : SY_SEVERITY_ERROR);
  add_field(to, base + HEADER_NAME, WIRE_IMAGE_NAME_SIZE, _("name"), g_strdup_printf("“%s”", name),
            SY_SEVERITY_OK);
  add_field(to, base + HEADER_RESERVED, 8, _("reserved"), g_strdup(_("not used")), SY_SEVERITY_OK);
  add_image_crc(to, header);
}

static void add_header(Collector *to)
{
  guint32 base = to->program->addr;
  const guint8 *head = sy_image_peek(to->image, base, WIRE_IMAGE_LENGTH_MIN);
  WireImageHeader header = {0};

  if (!head)
    return;
  if (wire_get_u32(head + HEADER_MAGIC) != WIRE_IMAGE_MAGIC) {
    add_field(to, base + HEADER_MAGIC, WORD, _("program header"), g_strdup(_("none here")),
              SY_SEVERITY_ERROR);
    return;
  }
  add_field(to, base + HEADER_MAGIC, WORD, _("program header"), g_strdup("SWYH"), SY_SEVERITY_OK);
  if (!wire_image_header_parse(head, &header)) {
    add_field(to, base + HEADER_FORMAT, WORD, _("header format"),
              g_strdup_printf(_("%u, not known to this version of Switchyard"),
                              wire_get_u16(head + HEADER_FORMAT)),
              SY_SEVERITY_ERROR);
    return;
  }
  add_field(to, base + HEADER_FORMAT, 2, _("header format"),
            g_strdup_printf("%u", WIRE_IMAGE_FORMAT), SY_SEVERITY_OK);
  add_header_fields(to, &header);
}

static const char *get_state_name(guint32 state)
{
  switch ((WireRecordState)state) {
  case WIRE_RECORD_CONFIRMED:
    return _("confirmed");
  case WIRE_RECORD_TRIAL:
    return _("on trial");
  case WIRE_RECORD_RETURNED:
    return _("returned to; the other program was left");
  case WIRE_RECORD_FIRST:
  default:
    return _("first program, not proven");
  }
}

static const char *get_cause_name(guint cause)
{
  switch ((WireTrialCause)cause) {
  case WIRE_TRIAL_CAUSE_NONE:
    return _("none");
  case WIRE_TRIAL_CAUSE_HANG:
    return _("it hung");
  case WIRE_TRIAL_CAUSE_CRASH:
    return _("it crashed");
  case WIRE_TRIAL_CAUSE_SELF_TEST:
    return _("its self-test failed");
  case WIRE_TRIAL_CAUSE_NOT_HEARD:
    return _("nobody confirmed it in time");
  case WIRE_TRIAL_CAUSE_STARTS:
    return _("its starts were used up");
  case WIRE_TRIAL_CAUSE_DAMAGED:
    return _("its image is no longer whole");
  case WIRE_TRIAL_CAUSE_OPERATOR:
    return _("as asked");
  default:
    return _("not known");
  }
}

static void add_record_field(Collector *to, guint place, guint32 offset, guint32 length,
                             const char *name, char *value)
{
  /* Translators: a place in the log of bank records, and a field there: "record 3, version". */
  take_field(to, WIRE_RECORD_ADDR + place * WIRE_BLOCK_SIZE + offset, length,
             g_strdup_printf(_("record %u, %s"), place + 1, name), value, SY_SEVERITY_OK);
}

static void add_record_fields(Collector *to, guint place, const WireRecord *record,
                              guint32 record_crc)
{
  add_record_field(to, place, RECORD_TOKEN, WORD, _("bank"),
                   g_strdup(sy_bank_to_string(record->bank)));
  add_record_field(to, place, RECORD_MAGIC, WORD, _("bank record"), g_strdup("SWYR"));
  add_record_field(to, place, RECORD_SEQUENCE, WORD, _("sequence"),
                   g_strdup_printf("%u", record->sequence));
  add_record_field(to, place, RECORD_STATE, WORD, _("state"),
                   g_strdup(get_state_name(record->state)));
  add_record_field(to, place, RECORD_VERSION, WORD, _("version"),
                   sy_version_to_string(record->version));
  add_record_field(to, place, RECORD_IMAGE_CRC, WORD, _("CRC-32 of the program"),
                   g_strdup_printf("%08X", record->crc));
  add_record_field(to, place, RECORD_TRIAL, 1, _("starts on trial"),
                   g_strdup_printf("%u", record->starts));
  add_record_field(to, place, RECORD_TRIAL + 1, 1, _("cause"),
                   g_strdup(get_cause_name(record->cause)));
  add_record_field(to, place, RECORD_TRIAL + 2, 2, _("mark of the program that was to come"),
                   record->incoming != 0 ? g_strdup_printf("%04X", record->incoming)
                                         : g_strdup(_("none")));
  add_record_field(to, place, RECORD_CRC, WORD, _("CRC-32 of the record"),
                   g_strdup_printf(_("%08X, right"), record_crc));
}

static gboolean is_blank(const guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (bytes[i] != 0xff)
      return FALSE;
  return TRUE;
}

/* A damaged record is passed over by the chip: a torn one is no harm. */
static void add_record(Collector *to, guint place)
{
  guint32 addr = WIRE_RECORD_ADDR + place * WIRE_BLOCK_SIZE;
  const guint8 *block = sy_image_peek(to->image, addr, WIRE_RECORD_LENGTH);
  WireRecord record = {0};

  if (!block || is_blank(block, WIRE_RECORD_LENGTH))
    return;
  if (wire_record_read(block, &record))
    add_record_fields(to, place, &record, wire_get_u32(block + RECORD_CRC));
  else
    take_field(to, addr, WIRE_RECORD_LENGTH, g_strdup_printf(_("record %u"), place + 1),
               g_strdup(_("not valid, the chip passes it over")), SY_SEVERITY_WARNING);
}

void sy_annotation_collect(SyRelease *release, GArray *fields)
{
  Collector to = {.image = sy_release_get_image(release), .fields = fields};

  add_vectors(&to, WIRE_JUMP_ADDR);
  add_protection(&to, release);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    to.program = sy_release_get_program(release, bank);
    if (!to.program)
      continue;
    add_vectors(&to, to.program->addr);
    add_header(&to);
  }
  for (guint place = 0; place < WIRE_RECORD_COUNT; place++)
    add_record(&to, place);
}
