@payments @pci-6.2.4 @cwe-840 @wstg-BUSL-10
Feature: A payment that succeeds is seen, booked and fulfilled, whatever card it was made with

  Money that was taken and not noticed is the dearest kind of bug: the shopper has paid, the shop has not, and both are
  right. Each brand travels its own way through the provider; the shop must end in the same place for all of them.

  @critical @defect-W20 @defect-L01
  Scenario Outline: <card> pays for an order
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples: Credit cards
      | card                      |
      | a Visa card               |
      | a Mastercard              |
      | an American Express card  |
      | a Discover card           |
      | a Diners Club card        |
      | a JCB card                |
      | a UnionPay card           |

    Examples: Debit and prepaid cards
      | card                      |
      | a Visa debit card         |
      | a Mastercard debit card   |
      | a Mastercard prepaid card |

    Examples: Cards of two brands
      | card                                 |
      | a Visa card of Cartes Bancaires      |
      | a Mastercard of Cartes Bancaires     |

  @critical @defect-C06 @asvs-V2.2.1
  Scenario: The shopper pays the sum of what is in the basket
    Given a shopper with an unpaid order of 3 pieces at 19.99 EUR each
    When the shopper pays with a Visa card
    Then the order is paid
    And the provider has 59.97 EUR captured

  @high @defect-L05 @pci-10.2.2 @cwe-778 @asvs-V16.2.1
  Scenario: Who asked for the payment can be told from the books afterwards
    Given a shopper who paid 49.99 EUR
    When the operator refunds 20.00 EUR
    Then the order is partly refunded
    And the books still hold the entry of the payment beside the entry of the refund
