/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The LPC2114's flash as a picture. */

#include "sy-config.h"

#include "sy-flash-cell.h"
#include "sy-plan.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum {
  BLOCK_COUNT = WIRE_SECTOR_COUNT * WIRE_BLOCKS_PER_SECTOR,
  ROW_HEIGHT = 13,
  ROW_GAP = 2,
  REGION_GAP = 6,
  CELL_GAP = 1,
  CELL_WIDTH_MIN = 7,
  CELL_WIDTH_MAX = 18,
};

/* Sectors that belong together, drawn with a name beside them. */
typedef struct {
  guint first;
  guint last;
  WireBank bank;
} Region;

enum { REGION_COUNT = 5 };

struct _SyFlashMap {
  GtkWidget parent_instance;

  gboolean known;
  WireIdentity identity;
  gboolean touched;
  SyProgress progress;
  guint8 cells[BLOCK_COUNT]; /* SyCell */
  guint kinds;
};

G_DEFINE_FINAL_TYPE(SyFlashMap, sy_flash_map, GTK_TYPE_WIDGET)

enum { CELLS_CHANGED, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static Region get_region(guint index)
{
  const WireBankMap *low = wire_bank_map(WIRE_BANK_LOW);
  const WireBankMap *high = wire_bank_map(WIRE_BANK_HIGH);
  const Region regions[REGION_COUNT] = {
      {0, low->first_sector - 1u, WIRE_BANK_NONE},
      {low->first_sector, low->last_sector, WIRE_BANK_LOW},
      {high->first_sector, high->last_sector, WIRE_BANK_HIGH},
      {WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR, WIRE_BANK_NONE},
      {WIRE_BOOT_SECTOR, WIRE_BOOT_SECTOR, WIRE_BANK_NONE},
  };

  return regions[index];
}

static const char *get_region_name(guint index)
{
  switch (index) {
  case 0:
    return _("Loader");
  case 1:
  case 2:
    return sy_bank_to_string(get_region(index).bank);
  case 3:
    return _("Bank record");
  default:
    return _("Boot block");
  }
}

/* What the identity says of a bank: a program from its start on, then nothing. */
static void fill_bank(SyFlashMap *self, WireBank bank)
{
  const WireBankMap *map = wire_bank_map(bank);
  const WireBankIdentity *said = &self->identity.banks[bank - WIRE_BANK_LOW];
  guint first = map->first_sector * WIRE_BLOCKS_PER_SECTOR;
  guint used = MIN(wire_block_count(said->length), map->size / WIRE_BLOCK_SIZE);
  SyCell cell = self->identity.running_bank == bank ? SY_CELL_RUNNING : SY_CELL_IDLE;

  if (said->state == WIRE_BANK_DAMAGED)
    cell = SY_CELL_DAMAGED;
  if (said->state == WIRE_BANK_EMPTY)
    used = 0;
  for (guint n = 0; n < map->size / WIRE_BLOCK_SIZE; n++)
    self->cells[first + n] = n < used ? cell : SY_CELL_FREE;
}

static void fill_progress(SyFlashMap *self)
{
  static const SyCell from[] = {
      [SY_BLOCK_ERASED] = SY_CELL_ERASED,     [SY_BLOCK_SENT] = SY_CELL_SENT,
      [SY_BLOCK_VERIFIED] = SY_CELL_VERIFIED, [SY_BLOCK_REPEATED] = SY_CELL_REPEATED,
      [SY_BLOCK_FAILED] = SY_CELL_FAILED,
  };
  const WireBankMap *map = wire_bank_map(self->progress.bank);

  if (!map)
    return;
  for (guint n = 0; n < map->size / WIRE_BLOCK_SIZE; n++) {
    guint state = self->progress.blocks[n];

    if (state != SY_BLOCK_UNKNOWN && state < G_N_ELEMENTS(from))
      self->cells[map->first_sector * WIRE_BLOCKS_PER_SECTOR + n] = (guint8)from[state];
  }
}

static char *describe_bank(SyFlashMap *self, WireBank bank)
{
  const WireBankMap *map = wire_bank_map(bank);
  guint first = map->first_sector * WIRE_BLOCKS_PER_SECTOR;
  guint counts[SY_CELL_COUNT] = {0};
  GString *text = g_string_new(sy_bank_to_string(bank));

  for (guint n = 0; n < map->size / WIRE_BLOCK_SIZE; n++)
    counts[self->cells[first + n]]++;
  for (guint n = 0; n < SY_CELL_COUNT; n++) {
    g_autofree char *blocks = NULL;

    if (counts[n] == 0)
      continue;
    blocks = g_strdup_printf(ngettext("%u block", "%u blocks", counts[n]), counts[n]);
    g_string_append_printf(text, ", %s: %s", sy_flash_cell_name(n), blocks);
  }
  return g_string_free(text, FALSE);
}

static void describe(SyFlashMap *self)
{
  g_autofree char *low = describe_bank(self, WIRE_BANK_LOW);
  g_autofree char *high = describe_bank(self, WIRE_BANK_HIGH);
  /* Translators: what a screen reader says of the flash map; the two parts tell of LOW and HIGH. */
  g_autofree char *label = g_strdup_printf(_("Flash map of 16 sectors. %s. %s."), low, high);

  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void update(SyFlashMap *self)
{
  guint8 before[BLOCK_COUNT];

  memcpy(before, self->cells, sizeof before);
  memset(self->cells, self->known ? SY_CELL_FIXED : SY_CELL_UNKNOWN, sizeof self->cells);
  if (self->known) {
    fill_bank(self, WIRE_BANK_LOW);
    fill_bank(self, WIRE_BANK_HIGH);
  }
  if (self->touched)
    fill_progress(self);
  if (memcmp(before, self->cells, sizeof before) == 0)
    return;
  self->kinds = 0;
  for (guint n = 0; n < BLOCK_COUNT; n++)
    self->kinds |= 1u << self->cells[n];
  describe(self);
  gtk_widget_queue_draw(GTK_WIDGET(self));
  g_signal_emit(self, signals[CELLS_CHANGED], 0);
}

void sy_flash_map_set_identity(SyFlashMap *self, const WireIdentity *identity)
{
  g_return_if_fail(SY_IS_FLASH_MAP(self));

  self->known = identity != NULL;
  if (identity)
    self->identity = *identity;
  update(self);
}

void sy_flash_map_set_progress(SyFlashMap *self, const SyProgress *progress)
{
  g_return_if_fail(SY_IS_FLASH_MAP(self));

  self->touched = progress != NULL;
  if (progress)
    self->progress = *progress;
  update(self);
}

SyCell sy_flash_map_get_cell(SyFlashMap *self, guint sector, guint block)
{
  g_return_val_if_fail(SY_IS_FLASH_MAP(self), SY_CELL_UNKNOWN);
  g_return_val_if_fail(sector < WIRE_SECTOR_COUNT && block < WIRE_BLOCKS_PER_SECTOR,
                       SY_CELL_UNKNOWN);

  return self->cells[sector * WIRE_BLOCKS_PER_SECTOR + block];
}

guint sy_flash_map_get_kinds(SyFlashMap *self)
{
  g_return_val_if_fail(SY_IS_FLASH_MAP(self), 0);

  return self->kinds;
}

/* Where things lie, for drawing and for pointing alike. */
typedef struct {
  double cells_x;
  double cell_width;
  double region_x;
} Geometry;

static int text_width(SyFlashMap *self, const char *text, PangoWeight weight)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
  int width;

  pango_attr_list_insert(attributes, pango_attr_weight_new(weight));
  pango_layout_set_attributes(layout, attributes);
  pango_layout_get_pixel_size(layout, &width, NULL);
  return width;
}

static int region_width(SyFlashMap *self)
{
  int widest = 0;

  for (guint n = 0; n < REGION_COUNT; n++)
    widest = MAX(widest, text_width(self, get_region_name(n), PANGO_WEIGHT_BOLD));
  return widest + 14;
}

static Geometry get_geometry(SyFlashMap *self)
{
  double numbers = text_width(self, "15", PANGO_WEIGHT_NORMAL) + 8;
  double room = gtk_widget_get_width(GTK_WIDGET(self)) - numbers - region_width(self);
  double cell = floor(room / WIRE_BLOCKS_PER_SECTOR);
  Geometry geometry = {.cells_x = numbers,
                       .cell_width = CLAMP(cell, CELL_WIDTH_MIN, CELL_WIDTH_MAX)};

  geometry.region_x = numbers + geometry.cell_width * WIRE_BLOCKS_PER_SECTOR + 6;
  return geometry;
}

/* The top of a sector's row. */
static int row_y(guint sector)
{
  int y = (int)sector * (ROW_HEIGHT + ROW_GAP);

  for (guint n = 0; n < REGION_COUNT; n++)
    if (sector > get_region(n).last)
      y += REGION_GAP;
  return y;
}

static void draw_text(SyFlashMap *self, cairo_t *cr, const char *text, PangoWeight weight,
                      double alpha, double x, double y, double height, gboolean to_right)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
  GdkRGBA ink;
  int text_w;
  int text_h;

  gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(self)), &ink);
  ink.alpha *= (float)alpha;
  gdk_cairo_set_source_rgba(cr, &ink);
  pango_attr_list_insert(attributes, pango_attr_weight_new(weight));
  pango_layout_set_attributes(layout, attributes);
  pango_layout_get_pixel_size(layout, &text_w, &text_h);
  cairo_move_to(cr, to_right ? x - text_w : x, y + (height - text_h) / 2);
  pango_cairo_show_layout(cr, layout);
}

static void draw_region(SyFlashMap *self, cairo_t *cr, const Geometry *geometry, guint index)
{
  Region region = get_region(index);
  gboolean bank = region.bank != WIRE_BANK_NONE;
  double top = row_y(region.first);
  double height = row_y(region.last) + ROW_HEIGHT - top;
  GdkRGBA ink;

  gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(self)), &ink);
  ink.alpha = 0.35f;
  gdk_cairo_set_source_rgba(cr, &ink);
  cairo_rectangle(cr, geometry->region_x, top, bank ? 2 : 1, height);
  cairo_fill(cr);
  draw_text(self, cr, get_region_name(index), bank ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL,
            bank ? 1.0 : 0.75, geometry->region_x + 8, top, height, FALSE);
}

static void draw_sector(SyFlashMap *self, cairo_t *cr, const Geometry *geometry, guint sector)
{
  g_autofree char *number = g_strdup_printf("%u", sector);
  double y = row_y(sector);
  GdkRGBA ink;

  gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(self)), &ink);
  draw_text(self, cr, number, PANGO_WEIGHT_NORMAL, 0.75, geometry->cells_x - 8, y, ROW_HEIGHT,
            TRUE);
  for (guint block = 0; block < WIRE_BLOCKS_PER_SECTOR; block++)
    sy_flash_cell_draw(cr, sy_flash_map_get_cell(self, sector, block), &ink,
                       geometry->cells_x + geometry->cell_width * block, y,
                       geometry->cell_width - CELL_GAP, ROW_HEIGHT);
}

static void sy_flash_map_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  SyFlashMap *self = SY_FLASH_MAP(widget);
  Geometry geometry = get_geometry(self);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT(0, 0, (float)gtk_widget_get_width(widget),
                                              (float)gtk_widget_get_height(widget));
  cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &bounds);

  for (guint sector = 0; sector < WIRE_SECTOR_COUNT; sector++)
    draw_sector(self, cr, &geometry, sector);
  for (guint n = 0; n < REGION_COUNT; n++)
    draw_region(self, cr, &geometry, n);
  cairo_destroy(cr);
}

static void sy_flash_map_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                 int *minimum, int *natural, int *minimum_baseline,
                                 int *natural_baseline)
{
  SyFlashMap *self = SY_FLASH_MAP(widget);

  if (orientation == GTK_ORIENTATION_VERTICAL) {
    *minimum = *natural = row_y(WIRE_SECTOR_COUNT - 1) + ROW_HEIGHT;
  } else {
    int around = text_width(self, "15", PANGO_WEIGHT_NORMAL) + 8 + region_width(self);

    *minimum = around + CELL_WIDTH_MIN * WIRE_BLOCKS_PER_SECTOR;
    *natural = around + CELL_WIDTH_MAX * WIRE_BLOCKS_PER_SECTOR;
  }
}

/* The block under the pointer; FALSE between rows or beside them. */
static gboolean find_block(SyFlashMap *self, int x, int y, guint *sector, guint *block)
{
  Geometry geometry = get_geometry(self);
  double column = (x - geometry.cells_x) / geometry.cell_width;

  if (column < 0 || column >= WIRE_BLOCKS_PER_SECTOR)
    return FALSE;
  *block = (guint)column;
  for (*sector = 0; *sector < WIRE_SECTOR_COUNT; (*sector)++)
    if (y >= row_y(*sector) && y < row_y(*sector) + ROW_HEIGHT)
      return TRUE;
  return FALSE;
}

static gboolean sy_flash_map_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
                                           GtkTooltip *tooltip)
{
  SyFlashMap *self = SY_FLASH_MAP(widget);
  g_autofree char *text = NULL;
  guint sector;
  guint block;

  if (keyboard || !find_block(self, x, y, &sector, &block))
    return FALSE;
  /* Translators: of one 512-byte block: sector, block in it, address, what is in it. */
  text = g_strdup_printf(_("Sector %u, block %u at 0x%05X: %s"), sector, block,
                         sector * WIRE_SECTOR_SIZE + block * WIRE_BLOCK_SIZE,
                         sy_flash_cell_name(sy_flash_map_get_cell(self, sector, block)));
  gtk_tooltip_set_text(tooltip, text);
  return TRUE;
}

static void sy_flash_map_class_init(SyFlashMapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  widget_class->snapshot = sy_flash_map_snapshot;
  widget_class->measure = sy_flash_map_measure;
  widget_class->query_tooltip = sy_flash_map_query_tooltip;
  signals[CELLS_CHANGED] = g_signal_new("cells-changed", G_TYPE_FROM_CLASS(klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name(widget_class, "flashmap");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void sy_flash_map_init(SyFlashMap *self)
{
  /* Addresses run one way in every language. */
  gtk_widget_set_direction(GTK_WIDGET(self), GTK_TEXT_DIR_LTR);
  gtk_widget_set_has_tooltip(GTK_WIDGET(self), TRUE);
  self->kinds = 1u << SY_CELL_UNKNOWN;
  describe(self);
  g_signal_connect_object(adw_style_manager_get_default(), "notify::dark",
                          G_CALLBACK(gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(adw_style_manager_get_default(), "notify::high-contrast",
                          G_CALLBACK(gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}
