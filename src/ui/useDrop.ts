import { useState, type DragEvent } from 'react';

/** An element on which files are dropped: its properties, which also say whether something is held over it. */
export function useDrop(onDrop: (data: DataTransfer) => void) {
  const [over, setOver] = useState(false);
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type !== 'dragleave' && event.type !== 'drop');
  };
  return {
    'data-over': over,
    onDragEnter: drag,
    onDragOver: drag,
    onDragLeave: drag,
    onDrop: (event: DragEvent) => {
      drag(event);
      onDrop(event.dataTransfer);
    },
  };
}
