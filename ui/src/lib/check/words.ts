import type { Tone } from '$lib/messages';

/** How grave a finding is, in words. */
export const SEVERITY_WORDS: Record<string, string> = { error: '直す', warning: '確かめる', info: 'お知らせ' };

export const SEVERITY_TONES: Record<string, Tone> = { error: 'error', warning: 'attention', info: 'neutral' };
