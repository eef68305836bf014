import { remember, remembered } from './remembered';

export const SCREENS = ['home', 'send', 'returns', 'board', 'notices', 'onboarding', 'settings', 'help'] as const;

/** A screen that the left bar leads to. */
export type Screen = (typeof SCREENS)[number];

/** A place in the program: a screen and, where it shows one thing, that thing. */
export interface Place {
  screen: Screen;
  item: string | null;
}

/** Reads a place from the hash of the address; anything unknown is the home screen. */
export function parseHash(hash: string): Place {
  const [screen, ...rest] = hash.replace(/^#\/?/, '').split('/');
  const item = rest.join('/');
  const known = SCREENS.find((name) => name === screen);
  return known
    ? { screen: known, item: item === '' ? null : decodeURIComponent(item) }
    : { screen: 'home', item: null };
}

/** Writes a place as a hash for links. */
export function href(screen: Screen, item?: string): string {
  return item === undefined ? `#/${screen}` : `#/${screen}/${encodeURIComponent(item)}`;
}

/** Follows the hash of the address. */
export class Router {
  place = $state.raw<Place>(parseHash(location.hash));

  /** Begins to follow; returns how to stop. */
  start(): () => void {
    const follow = () => {
      this.place = parseHash(location.hash);
      remember('place', this.place.screen);
    };
    // A start without an address goes on where the last one was; single items are not opened again by themselves.
    const before = SCREENS.find((screen) => screen === remembered('place'));
    if (location.hash === '' && before) location.replace(href(before));
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }

  go(screen: Screen, item?: string): void {
    location.hash = href(screen, item);
  }
}
