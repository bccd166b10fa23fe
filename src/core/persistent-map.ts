/**
 * Maps that never change, for states that follow each other and differ in one entry: another map is made
 * of one by copying the few values around what is new, and shares the rest with it. What is asked of all
 * values is remembered with those few, too, so that of the next map only they are asked again.
 *
 * All of it takes any ReadonlyMap. One from elsewhere is read as it is, and copied once where another is
 * made of it.
 */

/** Values that are copied, and asked, together. */
const chunkMax = 32;

/** A map of these entries, in their order. */
export function persistentMap<V>(entries: Iterable<readonly [string, V]>): ReadonlyMap<string, V> {
  return PersistentMap.of(entries);
}

/** This map with one entry new or another: a new one stands last. */
export function withEntry<V>(
  map: ReadonlyMap<string, V>,
  key: string,
  value: V,
): ReadonlyMap<string, V> {
  return (isPersistent(map) ? map : PersistentMap.of(map)).with(key, value);
}

/**
 * The values of which it is true, in the map's order. `isChosen` must be the same function each time, and
 * depend on the value alone: what it said of a value is not asked again.
 */
export function chosenIn<V>(
  map: ReadonlyMap<string, V>,
  isChosen: (value: V) => boolean,
): readonly V[] {
  return isPersistent(map) ? map.chosen(isChosen) : [...map.values()].filter(isChosen);
}

/** Of how many values it is true: see `chosenIn`. */
export function countIn<V>(map: ReadonlyMap<string, V>, isChosen: (value: V) => boolean): number {
  return isPersistent(map) ? map.count(isChosen) : chosenIn(map, isChosen).length;
}

/** A value, and what it was: undefined where it was not there. */
export interface Changed<V> {
  readonly was: V | undefined;
  readonly is: V;
}

/** Values of `after` that are others in `before` or not there, in the order of `after`. */
export function changedBetween<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
): readonly Changed<V>[] {
  if (before === after) return [];
  const changed = isPersistent(after) && isPersistent(before) ? after.since(before) : null;
  if (changed !== null) return changed;
  return [...after].flatMap(([key, is]) => {
    const was = before.get(key);
    return was === is ? [] : [{ was, is }];
  });
}

function isPersistent<V>(map: ReadonlyMap<string, V>): map is PersistentMap<V> {
  return map instanceof PersistentMap;
}

class Chunk<V> {
  readonly values: readonly V[];
  /** By the function that was asked; null: none was. */
  #chosen: Map<(value: V) => boolean, readonly V[]> | null = null;

  constructor(values: readonly V[]) {
    this.values = values;
  }

  chosen(isChosen: (value: V) => boolean): readonly V[] {
    this.#chosen ??= new Map();
    const known = this.#chosen.get(isChosen);
    if (known !== undefined) return known;
    const chosen = this.values.filter((value) => isChosen(value));
    this.#chosen.set(isChosen, chosen);
    return chosen;
  }
}

class PersistentMap<V> implements ReadonlyMap<string, V> {
  /**
   * Where each value stands. It is one for all maps that grew from each other, and only ever added to:
   * what stands behind a map's own size is another's, and not in it.
   */
  readonly #index: Map<string, number>;
  readonly #chunks: readonly Chunk<V>[];
  readonly size: number;

  constructor(index: Map<string, number>, chunks: readonly Chunk<V>[], size: number) {
    this.#index = index;
    this.#chunks = chunks;
    this.size = size;
  }

  static of<V>(entries: Iterable<readonly [string, V]>): PersistentMap<V> {
    const plain = new Map(entries);
    const index = new Map([...plain.keys()].map((key, at) => [key, at]));
    const values = [...plain.values()];
    const chunks: Chunk<V>[] = [];
    for (let at = 0; at < values.length; at += chunkMax)
      chunks.push(new Chunk(values.slice(at, at + chunkMax)));
    return new PersistentMap(index, chunks, values.length);
  }

  get(key: string): V | undefined {
    const at = this.#at(key);
    if (at === undefined) return undefined;
    return this.#chunks[Math.floor(at / chunkMax)]?.values[at % chunkMax];
  }

  has(key: string): boolean {
    return this.#at(key) !== undefined;
  }

  with(key: string, value: V): PersistentMap<V> {
    const known = this.#at(key);
    if (known === undefined) return this.#and(key, value);
    return new PersistentMap(this.#index, this.#withValue(known, value), this.size);
  }

  chosen(isChosen: (value: V) => boolean): readonly V[] {
    return together(this.#chunks.map((it) => it.chosen(isChosen)));
  }

  count(isChosen: (value: V) => boolean): number {
    let count = 0;
    for (const chunk of this.#chunks) count += chunk.chosen(isChosen).length;
    return count;
  }

  /** null: the two did not grow from each other. */
  since(before: PersistentMap<V>): readonly Changed<V>[] | null {
    if (before.#index !== this.#index) return null;
    const changed: Changed<V>[] = [];
    for (const [index, chunk] of this.#chunks.entries()) {
      const earlier = before.#chunks[index];
      if (earlier === chunk) continue;
      for (const [at, is] of chunk.values.entries()) {
        const was = earlier?.values[at];
        if (was !== is) changed.push({ was, is });
      }
    }
    return changed;
  }

  forEach(
    tell: (value: V, key: string, map: ReadonlyMap<string, V>) => void,
    thisArg?: unknown,
  ): void {
    for (const [key, value] of this) tell.call(thisArg, value, key, this);
  }

  *keys(): MapIterator<string> {
    for (const [key, at] of this.#index) {
      if (at >= this.size) return;
      yield key;
    }
  }

  values(): MapIterator<V> {
    return this.#all().values();
  }

  *entries(): MapIterator<[string, V]> {
    const keys = this.#index.keys();
    for (const value of this.#all()) {
      const { value: key } = keys.next();
      if (key !== undefined) yield [key, value];
    }
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  #at(key: string): number | undefined {
    const at = this.#index.get(key);
    return at !== undefined && at < this.size ? at : undefined;
  }

  #all(): readonly V[] {
    return together(this.#chunks.map(({ values }) => values));
  }

  #and(key: string, value: V): PersistentMap<V> {
    // Whoever adds to a map that another has grown from already gets an index of its own.
    const isNewest = this.#index.size === this.size;
    const index = isNewest ? this.#index : new Map([...this.#index].slice(0, this.size));
    index.set(key, this.size);
    return new PersistentMap(index, this.#withValue(this.size, value), this.size + 1);
  }

  #withValue(at: number, value: V): readonly Chunk<V>[] {
    const chunks = [...this.#chunks];
    const index = Math.floor(at / chunkMax);
    const values = [...(chunks[index]?.values ?? [])];
    values[at % chunkMax] = value;
    chunks[index] = new Chunk(values);
    return chunks;
  }
}

function together<V>(lists: readonly (readonly V[])[]): readonly V[] {
  const all: V[] = [];
  return all.concat(...lists);
}
