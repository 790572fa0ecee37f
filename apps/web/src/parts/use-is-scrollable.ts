import { useEffect, useRef, useState, type RefObject } from 'react';

/** Whether an element holds more than it shows: only then should the keyboard be able to stop at it. */
export function useIsScrollable(): { ref: RefObject<HTMLDivElement | null>; isScrollable: boolean } {
  const ref = useRef<HTMLDivElement>(null);
  const [isScrollable, setIsScrollable] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = (): void =>
      setIsScrollable(element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return { ref, isScrollable };
}
