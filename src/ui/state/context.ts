import { createContext, startTransition, useContext, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Lab, LabStore } from './lab';

export const LabContext = createContext<LabStore | null>(null);

/** A part of the page's state; the component renders again when that part changes. */
export function useLab<T>(select: (lab: Lab) => T): T {
  const store = useContext(LabContext);
  if (!store) throw new Error('useLab outside LabContext');
  return useStore(store, select);
}

/** Follows `value` at most once every `ms` milliseconds; changes of `key` pass at once. */
export function useThrottled<T>(value: T, ms: number, key: unknown): T {
  const [shown, setShown] = useState({ value, key });
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + ms - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      startTransition(() => setShown({ value, key }));
    }, wait);
    return () => clearTimeout(timer);
  }, [value, ms, key]);
  return shown.key === key ? shown.value : value;
}
