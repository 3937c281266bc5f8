"""The fields of the writing calls, as the vendor lists them; a strict sandbox refuses any other."""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


INVENTORY = _names(
    """inventoryNumber status type description body itemClass postingClass vatCode defaultPrice baseUnit salesUnit
    purchaseUnit expenseAccrualAccount inventoryAccount expenseAccount cogsAccount expenseNonTaxableAccount
    expenseEuAccount expenseImportAccount expenseSubaccount cogsSubaccount salesAccount salesNonTaxableAccount
    salesEuAccount salesExportAccount salesSubaccount attributeLines packaging supplierDetails intrastat
    crossReferences defaultWarehouse defaultIssueFrom defaultReceiptTo kitItem note"""
)
CUSTOMER = _names(
    """number name status accountReference numberOfEmployees parentRecordNumber currencyId creditLimit
    creditDaysPastDue overrideWithClassValues customerClassId creditTermsId printInvoices acceptAutoInvoices
    sendInvoicesByEmail sendDunningLettersViaEMail printDunningLetters printStatements sendStatementsByEmail
    printMultiCurrencyStatements invoiceToDefaultLocation vatRegistrationId corporateId vatZoneId gln note mainAddress
    mainContact creditVerification invoiceAddress invoiceContact statementType deliveryAddress deliveryContact
    priceClassId eInvoiceContract defaultPaymentMethod glAccounts directDebitLines attributeLines
    overrideNumberSeries excludeDebtCollection"""
)
CONTACT = _names(
    """active title firstName lastName position businessAccount sameAsAccount address email web phone1 phone2 phone3
    fax contactMethod doNotCall doNotFax doNotEmail doNotMail noMassMail noMarketing"""
)
LOCATION = _names(
    """baccountId locationId locationName active addressIsSameAsMain address contactIsSameAsMain contact
    vatRegistrationId vatZone ediCode gln corporateId peppolScheme"""
)
ORDER = _names(
    """project printDescriptionOnInvoice printNoteOnExternalDocuments printNoteOnInternalDocuments soBillingContact
    soBillingAddress customerVATZone invoiceSeparately terms salesPerson owner origOrderType origOrderNbr
    soShippingContact soShippingAddress schedShipment shipSeparately shipComplete cancelBy canceled preferredWarehouse
    shipVia fobPoint priority shippingTerms shippingZone residentialDelivery saturdayDelivery insurance
    transactionType paymentMethod cashAccount paymentRef isRotRutDeductible emailed rotRutDetails lines orderType
    orderNumber hold date requestOn customerOrder customerRefNo customer location contactId gln vatRegistrationId
    currency description recalculateShipment branchNumber note overrideNumberSeries"""
)
ORDER_LINE = _names(
    """invoiceNbr salesOrderOperation freeItem requestedOn shipOn shipComplete undershipThreshold overshipThreshold
    completed markForPO poSource lotSerialNbr expirationDate reasonCode salesPerson taxCategory commissionable
    alternateID projectTask subaccount externalLink isRotRutDeductible branchNumber operation lineNbr inventoryId
    inventoryNumber warehouse uom quantity unitCost unitPrice discountPercent discountAmount discountCode
    manualDiscount discUnitPrice lineDescription note"""
)
INVOICE = _names(
    """paymentMethodId creditTermsId currencyId customerRefNumber cashDiscountDate documentDueDate externalReference
    customerProject exchangeRate domesticServicesDeductibleDocument rotRutDetails paymentReference contact project
    taxDetailLines invoiceLines sendToAutoInvoice customerVatZoneId billingAddress invoiceContact startDate endDate
    accountingCostRef originatorDocRef contractDocRef revoked overrideNumberSeries directDebitMandateId
    excludeDebtCollection debtCollectionCaseNbr debtCollectionCaseStatus debtCollectionCaseType debtCollectionCaseUrl
    referenceNumber customerNumber childCustomerNumber consolidateInvoices documentDate origInvoiceDate hold
    postPeriod financialPeriod invoiceText locationId salesPersonID salesperson note branchNumber cashAccount
    dontPrint dontEmail"""
)
CREDIT_NOTE = _names(
    """currencyId customerRefNumber externalReference contact project lines taxDetails applicationLines
    customerVatZoneId invoiceAddress invoiceContact overrideNumberSeries sendToAutoInvoice exchangeRate referenceNumber
    customerNumber childCustomerNumber consolidateInvoices documentDate origInvoiceDate hold postPeriod financialPeriod
    invoiceText locationId salesPersonID salesperson note branchNumber cashAccount dontPrint dontEmail"""
)
CASH_SALE = _names(
    """paymentMethodId creditTermsId paymentReference cashSaleLines referenceNumber customerNumber childCustomerNumber
    consolidateInvoices documentDate origInvoiceDate hold postPeriod financialPeriod invoiceText locationId
    salesPersonID salesperson note branchNumber cashAccount dontPrint dontEmail"""
)
DOCUMENT_LINE = _names(
    """discountCode taskId operation inventoryNumber lineNumber description quantity unitPriceInCurrency
    manualAmountInCurrency accountNumber vatCodeId uom discountPercent discountAmountInCurrency manualDiscount
    subaccount salesperson deferralSchedule deferralCode termStartDate termEndDate note branchNumber"""
)
INVOICE_LINE = _names(
    """discountCode domesticServicesDeductible itemType typeOfWork taskId startDate endDate operation inventoryNumber
    lineNumber description quantity unitPriceInCurrency manualAmountInCurrency accountNumber vatCodeId uom
    discountPercent discountAmountInCurrency manualDiscount subaccount salesperson deferralSchedule deferralCode
    termStartDate termEndDate note branchNumber"""
)
JOURNAL = _names(
    """batchNumber hold transactionDate postPeriod financialPeriod ledger currencyId exchangeRate autoReversing
    description controlTotalInCurrency createVatTransaction skipVatAmountValidation transactionCode branch
    overrideNumberSeries journalTransactionLines"""
)
JOURNAL_LINE = _names(
    """operation lineNumber accountNumber subaccount project projectTask referenceNumber transactionDescription
    debitAmountInCurrency creditAmountInCurrency vatCodeId vatId branch uom quantity note"""
)
# The order service: field -> longest text it takes (0 = not a text with a limit).
ORDER_V3 = dict.fromkeys(
    _names(
        """type customer status billing shipping orderLines cancelBy date financialInformation freight ownerId
    paymentSettings print requestOn taxZoneId useReplacementCostForMarginAndProfit"""
    ),
    0,
) | {
    "orderId": 15, "branchId": 30, "currencyId": 5, "description": 255, "note": 2048, "originalOrderId": 15,
    "originalOrderType": 2, "projectId": 30, "salesPersonId": 15,
}  # fmt: skip
CUSTOMER_V3 = {"id": 0, "gln": 0, "contactId": 0, "locationId": 0, "order": 40, "refNo": 40, "termsId": 0}
ADDRESS_V3 = {"line1": 50, "line2": 50, "line3": 50, "postalCode": 20, "city": 50, "stateId": 50, "countryId": 2}
CONTACT_V3 = {"name": 255, "attention": 255, "email": 255, "phone1": 50}
LINE_V3 = dict.fromkeys(
    _names(
        """inventoryId commissionable discountAmount discountPercent hasManualDiscount hasManualPrice operation
    overshipThreshold purchaseOrderSource quantity reasonCode requestDate shipDate shippingRule subaccount supplierId
    supplierPrice taxCategoryId undershipThreshold unitCost unitPrice warehouseId warehouseLocationId lineId
    sortOrder"""
    ),
    0,
) | {
    "branchId": 30, "description": 256, "discountCode": 10, "externalLink": 255, "note": 2048, "projectTaskId": 30,
    "salesAccountId": 10, "salesPersonId": 15, "unitOfMeasure": 6,
}  # fmt: skip
