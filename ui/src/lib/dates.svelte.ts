import { remember, remembered } from './remembered';

/** 和暦（令和8年）or 西暦（2026年）. */
export const DATE_STYLES = ['era', 'western'] as const;

export type DateStyle = (typeof DATE_STYLES)[number];

/** How years are written everywhere; changing it changes all that is shown at once. */
class Dates {
  #style = $state<DateStyle>(DATE_STYLES.find((style) => style === remembered('date-style')) ?? 'era');

  get style(): DateStyle {
    return this.#style;
  }

  set style(style: DateStyle) {
    this.#style = style;
    remember('date-style', style);
  }
}

export const dates = new Dates();
