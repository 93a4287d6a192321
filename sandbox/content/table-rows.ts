import { blockPost, builderData, comment, type Material } from './bodies.js';
import { phpObject, phpSerialize } from './php-serialize.js';

export type Cell = string | number | null | Buffer;

export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns that hold bytes; they are loaded as hexadecimal text. */
  readonly binary?: readonly string[];
  readonly count: number;
  row(index: number): readonly Cell[];
}

/** First id of generated rows; WordPress' own come before. */
const firstId = 1000;
const date = (index: number): string =>
  `202${index % 5}-${String(1 + (index % 12)).padStart(2, '0')}-${String(1 + (index % 28)).padStart(2, '0')} 1${index % 10}:00:00`;

/**
 * The rows of a site of `units` (one unit is about 30 MB as a dump, 2,100 of its rows hold the site's address).
 */
export function tableRows(units: number, material: Material, prefix = 'wp_'): readonly TableRows[] {
  return [
    posts(Math.round(1500 * units), material, prefix),
    postmeta(Math.round(15_000 * units), material, prefix),
    comments(Math.round(8000 * units), material, prefix),
    options(Math.round(300 * Math.sqrt(units)), material, prefix),
    ...shop(Math.round(1500 * units), material, prefix),
    ...odd(units, material, prefix),
  ];
}

function posts(count: number, material: Material, prefix: string): TableRows {
  const { random, prose, urls } = material;
  return {
    table: `${prefix}posts`,
    columns: [
      ...['ID', 'post_author', 'post_date', 'post_date_gmt', 'post_content', 'post_title', 'post_excerpt'],
      ...['post_status', 'post_name', 'to_ping', 'pinged', 'post_modified', 'post_modified_gmt'],
      ...['post_content_filtered', 'guid', 'post_type'],
    ],
    count,
    row: (index) => {
      const id = firstId + index;
      const [day, type] = [date(index), index % 50 === 7 ? 'page' : 'post'];
      const body = blockPost(material, random.chance(0.45));
      const [title, name] = [prose.title(random), `scene-${id}`];
      const guid = `${urls.url}/?p=${id}`;
      return [id, 1, day, day, body, title, '', 'publish', name, '', '', day, day, '', guid, type];
    },
  };
}

function postmeta(count: number, material: Material, prefix: string): TableRows {
  const { random, prose, urls } = material;
  const value = (index: number): [string, string] => {
    if (index % 125 === 0) return ['_elementor_data', builderData(material)];
    if (index % 50 === 1) {
      const link = { url: urls.plain(random), title: prose.title(random), target: '_blank', weight: 0.5 };
      return ['_acme_links', phpSerialize({ links: [link, link], inner: phpSerialize({ again: link }) })];
    }
    if (index % 500 === 2) {
      return ['_acme_object', phpObject('Acme\\Unloaded', urls.plain(random), prose.title(random), urls.url)];
    }
    if (index % 100 === 3) return ['_acme_json', JSON.stringify({ see: urls.plain(random), note: '舞台' })];
    if (index % 3 === 0) return ['_wp_attachment_metadata', attachment(index)];
    return index % 3 === 1
      ? ['_edit_lock', `17000${index}:1`]
      : ['_acme_note', prose.paragraph(random).slice(0, 380)];
  };
  return {
    table: `${prefix}postmeta`,
    columns: ['meta_id', 'post_id', 'meta_key', 'meta_value'],
    count,
    row: (index) => [firstId + index, firstId + Math.floor(index / 10), ...value(index)],
  };
}

const attachment = (index: number): string =>
  phpSerialize({
    width: 1200,
    height: 800,
    file: `2024/05/photo-${index % 40}.png`,
    sizes: {
      thumbnail: {
        file: `photo-${index % 40}-150x150.png`,
        width: 150,
        height: 150,
        'mime-type': 'image/png',
      },
    },
  });

function comments(count: number, material: Material, prefix: string): TableRows {
  const { random } = material;
  return {
    table: `${prefix}comments`,
    columns: [
      ...['comment_ID', 'comment_post_ID', 'comment_author', 'comment_author_email', 'comment_author_url'],
      ...['comment_date', 'comment_date_gmt', 'comment_content', 'comment_approved', 'comment_type'],
    ],
    count,
    row: (index) => {
      const [id, day] = [firstId + index, date(index)];
      const body = comment(material, random.chance(0.07));
      const mail = `visitor${index}@people.example`;
      return [
        id,
        firstId + Math.floor(index / 8),
        `Visitor ${index} Ø`,
        mail,
        '',
        day,
        day,
        body,
        '1',
        'comment',
      ];
    },
  };
}

function options(count: number, material: Material, prefix: string): TableRows {
  const { random, prose, urls } = material;
  return {
    table: `${prefix}options`,
    columns: ['option_id', 'option_name', 'option_value', 'autoload'],
    count,
    row: (index) => {
      const link = index % 5 === 0 ? urls.plain(random) : 'none';
      const value = phpSerialize({
        title: prose.title(random),
        link,
        sizes: [1, 2.5, true, null],
        Ünï: link,
      });
      return [firstId + index, `acme_setting_${index}`, value, 'no'];
    },
  };
}

/** Orders as WooCommerce keeps them, with a child table that has a foreign key and a generated column. */
function shop(count: number, material: Material, prefix: string): readonly TableRows[] {
  const { random, prose, urls } = material;
  return [
    {
      table: `${prefix}wc_orders`,
      columns: [
        'id',
        'status',
        'currency',
        'total_amount',
        'billing_email',
        'customer_note',
        'date_created_gmt',
      ],
      count,
      row: (index) => [
        firstId + index,
        index % 7 === 0 ? 'wc-refunded' : 'wc-completed',
        'EUR',
        (random.below(100_000) / 100).toFixed(2),
        `buyer${index}@people.example`,
        index % 40 === 0 ? `see ${urls.plain(random)}` : prose.title(random),
        date(index),
      ],
    },
    {
      table: `${prefix}wc_order_items`,
      columns: ['id', 'order_id', 'name', 'quantity', 'price'],
      count: count * 2,
      row: (index) => [
        firstId + index,
        firstId + Math.floor(index / 2),
        prose.title(random),
        1 + random.below(5),
        (random.below(9000) / 100).toFixed(2),
      ],
    },
  ];
}

/** What makes dumps hard: no primary key, MyISAM, bytes, names with quotes and spaces. */
function odd(units: number, material: Material, prefix: string): readonly TableRows[] {
  const { random, prose, urls } = material;
  return [
    {
      table: `${prefix}acme_log`,
      columns: ['logged', 'level', 'message'],
      count: Math.round(20_000 * units),
      row: (index) => {
        const hit = index % 100 === 0 ? ` GET ${urls.plain(random)}` : '';
        return [date(index), index % 4, prose.paragraph(random).slice(0, 90) + hit];
      },
    },
    {
      table: `${prefix}acme_visits`,
      columns: ['id', 'path', 'agent'],
      count: Math.round(15_000 * units),
      row: (index) => [index + 1, `/scene-${index}/`, prose.paragraph(random).slice(0, 60)],
    },
    {
      table: `${prefix}acme_files`,
      columns: ['id', 'body', 'digest', 'place'],
      binary: ['body', 'digest'],
      count: Math.round(60 * units),
      row: (index) => [index + 1, bytes(random.below(256), 12_000), bytes(index, 16), null],
    },
    {
      table: `${prefix}acme odd-"name\``,
      columns: ['key', 'order', 'select list'],
      count: 200,
      row: (index) => [
        `k${index}`,
        index,
        index % 10 === 0 ? urls.plain(random) : 'tab\tnewline\nback\\slash \' "',
      ],
    },
  ];
}

function bytes(start: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) buffer[at] = (start + at * 7 + (at >> 8)) & 255;
  return buffer;
}
