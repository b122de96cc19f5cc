"""Paper: the sheets people hand around, as PDF/A-3b with Chinese type, and their tables as XLSX.

Everything here is plain computation of a few milliseconds to a second: call it in a worker thread.
"""

from kernel.paper.document import as_pdf_document, images, pdf
from kernel.paper.workbook import Column, SheetRead, read_rows, xlsx

__all__ = ["Column", "SheetRead", "as_pdf_document", "images", "pdf", "read_rows", "xlsx"]
