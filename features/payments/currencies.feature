@payments @pci-6.2.4 @cwe-682 @asvs-V2.2.1 @wstg-BUSL-10
Feature: Every currency has its own number of decimals

  Yen have no cents and dinars have a thousand fils. A shop that multiplies everything by a hundred takes a hundred times
  too much in Tokyo, and a tenth of the price in Kuwait.

  @critical @defect-C04 @defect-C05
  Scenario Outline: An order of <price> is charged at <price>
    Given a shopper with an unpaid order of <price>
    When the shopper pays with a Visa card
    Then the order is paid
    And the provider has <price> captured
    And the books balance and agree with the provider

    Examples:
      | price     |
      | 49.99 EUR |
      | 59.99 USD |
      | 5000 JPY  |
      | 5.120 KWD |

  @high @defect-C04 @defect-C05 @defect-L04
  Scenario Outline: <part> of <price> goes back as <part>
    Given a shopper who paid <price>
    When the operator refunds <part>
    Then the order is partly refunded
    And the provider has <part> refunded
    And the shop counts <part> as refunded
    And the books balance and agree with the provider

    Examples:
      | price     | part      |
      | 59.99 USD | 0.29 USD  |
      | 5000 JPY  | 1 JPY     |
      | 5.120 KWD | 1.010 KWD |

  @high @defect-M08
  Scenario: A refund cannot leave in another currency than the payment came in
    Given a shopper who paid 5000 JPY
    When the operator refunds 50.00 EUR
    Then the answer is a refusal, not an error of the server
    And the provider counts 0 refunds
